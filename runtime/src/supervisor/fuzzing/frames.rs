//! Frames between supervisor and worker: whole however they are cut, and the same again after a round.

use super::source::Source;
use crate::protocol::{Frames, FromWorker, ToWorker, encode};

pub(super) fn target(bytes: &[u8]) {
    let mut source = Source(bytes);
    let cuts = source.bytes();
    let whole = read([source.0]);
    assert_eq!(whole, read(pieces(source.0, cuts)), "cut at {cuts:?}");
    for frame in &whole {
        // The model's process is the author's: whatever it says is read or refused.
        let _said = serde_json::from_slice::<FromWorker>(frame);
        if let Ok(told) = serde_json::from_slice::<ToWorker>(frame) {
            let text = serde_json::to_string(&told).expect("a message is JSON");
            let again: ToWorker = serde_json::from_str(&text).expect("and is read again");
            assert_eq!(text, serde_json::to_string(&again).expect("a message is JSON"));
        }
    }

    let text = String::from_utf8_lossy(source.0).into_owned();
    let message = encode(&text).expect("a text is a message");
    let stream = [message.as_slice(), &message].concat();
    for frame in read(pieces(&stream, cuts)) {
        assert_eq!(serde_json::from_slice::<String>(&frame).ok().as_ref(), Some(&text));
    }
    assert_eq!(read(pieces(&stream, cuts)).len(), 2);
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let mut frames = Frames::default();
    let mut seen = Vec::new();
    for piece in pieces {
        frames.room().extend_from_slice(piece);
        while let Some(frame) = frames.next() {
            seen.push(frame.to_vec());
        }
    }
    seen
}

/// The stream cut into pieces of these lengths, over and over.
fn pieces<'a>(stream: &'a [u8], lengths: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = stream;
    for length in lengths.iter().filter(|length| **length > 0).cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(usize::from(*length).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}
