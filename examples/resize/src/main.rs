//! Makes pictures smaller or larger.

use cog::prelude::*;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader};

#[cog::predict]
fn resize(
    /// Picture to resize: PNG, JPEG or WebP
    #[input(accept = "image/*")]
    image: cog::Path,
    /// Width of the result in pixels
    #[input(ge = 1, le = 4096)]
    width: u32,
    /// Height of the result in pixels; what keeps the proportions if it is left out
    #[input(ge = 1, le = 4096)]
    height: Option<u32>,
    /// How pixels are computed: fast, smooth, or sharp
    #[input(default = "lanczos", choices = ["nearest", "triangle", "lanczos"])]
    filter: String,
    /// Format of the result
    #[input(default = "png", choices = ["png", "jpeg", "webp"])]
    format: String,
) -> Result<cog::Path> {
    // The content tells the format, since the name may be wrong.
    let picture = ImageReader::open(&image)?.with_guessed_format()?.decode()?;
    let height = height.unwrap_or_else(|| proportional(&picture, width));
    let resized = picture.resize_exact(width, height, filter_named(&filter));

    let out = cog::Path::temp(&format)?;
    match format.as_str() {
        // JPEG knows no transparency.
        "jpeg" => resized.to_rgb8().save_with_format(&out, ImageFormat::Jpeg)?,
        "webp" => resized.to_rgba8().save_with_format(&out, ImageFormat::WebP)?,
        _ => resized.save_with_format(&out, ImageFormat::Png)?,
    }
    Ok(out)
}

/// The height that goes with a width, at least one pixel.
fn proportional(picture: &DynamicImage, width: u32) -> u32 {
    let scale = f64::from(width) / f64::from(picture.width());
    (f64::from(picture.height()) * scale).round().max(1.0) as u32
}

/// The image crate's name for a filter.
fn filter_named(name: &str) -> FilterType {
    match name {
        "nearest" => FilterType::Nearest,
        "triangle" => FilterType::Triangle,
        _ => FilterType::Lanczos3,
    }
}

fn main() -> ExitCode {
    cog::main::<resize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resized(width: u32, height: Option<u32>, format: &str) -> DynamicImage {
        let out = resize("photo.png".into(), width, height, "lanczos".to_owned(), format.to_owned()).unwrap();
        let picture = ImageReader::open(&out).unwrap().with_guessed_format().unwrap();
        assert_eq!(picture.format(), ImageFormat::from_extension(format));
        std::fs::remove_file(&out).unwrap();
        picture.decode().unwrap()
    }

    #[test]
    fn the_height_follows_the_width() {
        let small = resized(64, None, "png");
        assert_eq!((small.width(), small.height()), (64, 42));
    }

    #[test]
    fn a_height_of_its_own_is_kept() {
        let square = resized(50, Some(50), "png");
        assert_eq!((square.width(), square.height()), (50, 50));
    }

    #[test]
    fn every_format_can_be_written() {
        for format in ["png", "jpeg", "webp"] {
            assert_eq!(resized(30, None, format).width(), 30);
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let refused = resize("Cargo.toml".into(), 64, None, "lanczos".to_owned(), "png".to_owned());
        assert!(refused.unwrap_err().to_string().contains("format"));
    }
}
