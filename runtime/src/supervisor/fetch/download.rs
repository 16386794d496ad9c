//! A GET that ends in a file.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::supervisor::net::{Client, Content, Fault, Request, Url, in_time, innermost};

/// How long connecting, and each wait for more, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a file may be on its way, besides what its size explains: a prediction keeps its slot meanwhile.
const GRACE: Duration = Duration::from_secs(30);
/// The least that has to come on the average, in bytes per second, once the grace is used up.
const SLOWEST: u64 = 16 << 10;

/// Downloads what the URL names into a new file of at most `limit` bytes. A failed download leaves none.
pub(super) async fn download(client: &Client, source: &str, path: &Path, limit: u64) -> Result<(), String> {
    get(client, Url::parse(source)?, HeaderMap::new(), path, limit).await
}

/// The same, with headers.
pub(super) async fn get(
    client: &Client,
    url: Url,
    headers: HeaderMap,
    path: &Path,
    limit: u64,
) -> Result<(), String> {
    let request =
        Request { method: Method::GET, url, headers, content: Content::Nothing, patience: PATIENCE };
    let (response, url) = client.send(request).await.map_err(|fault| fault.to_string())?;
    if !response.status().is_success() {
        return Err(format!("{} for {url}", response.status()));
    }
    let saved = save(response.into_body(), &url, path, limit).await;
    if saved.is_err() {
        // It goes with its folder anyway; now is better.
        let _later = std::fs::remove_file(path);
    }
    saved
}

async fn save(mut body: Incoming, url: &Url, path: &Path, limit: u64) -> Result<(), String> {
    let wrote = |error: std::io::Error| format!("the file could not be written: {error}");
    let mut file = File::create_new(path).map_err(wrote)?;
    let (start, mut length) = (Instant::now(), 0);
    while let Some(frame) = {
        let frame = in_time(url, PATIENCE, "sending", body.frame()).await;
        frame.map_err(|fault: Fault| fault.to_string())?
    } {
        let frame = frame.map_err(|error| format!("{url}: {}", innermost(&error)))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > limit {
            return Err(format!("{url} is over {limit} bytes (COG_INPUT_FILE_LIMIT)"));
        }
        if start.elapsed() > GRACE + Duration::from_secs(length / SLOWEST) {
            return Err(format!("{url} sends too slowly"));
        }
        file.write_all(&data).map_err(wrote)?;
    }
    Ok(())
}
