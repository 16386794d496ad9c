//! Memory that large files are read into.

use std::ops::{Deref, DerefMut};

/// A page of memory, in bytes.
const PAGE: usize = 4096;

/// Bytes at the beginning of a page.
///
/// Allocators put large buffers sixteen bytes further. What the kernel copies out of its own pages it then copies at a
/// quarter of the speed on processors such as AMD's Zen 3, whose copy instruction does badly where the target lies a few
/// bytes further within its page than the source: reading a file takes more time than hashing it.
#[derive(Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    size: usize,
}

impl Buffer {
    /// One of `size` bytes, all of them 0.
    pub fn new(size: usize) -> Self {
        let bytes = vec![0; size + PAGE];
        // It cannot always be told; anywhere in there is right, too.
        let start = bytes.as_ptr().align_offset(PAGE).min(PAGE);
        Self { bytes, start, size }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.size]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.size]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_a_page_and_has_its_size() {
        for size in [0, 1, PAGE, 1 << 20] {
            let mut buffer = Buffer::new(size);
            assert_eq!((buffer.as_ptr().addr() % PAGE, buffer.len()), (0, size));
            buffer.fill(1);
            assert!(buffer.iter().all(|byte| *byte == 1));
        }
    }
}
