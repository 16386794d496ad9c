//! A prediction read as it runs: server-sent events, from bytes to what they say.

use std::collections::VecDeque;

use bytes::Bytes;
use cog_schema::envelope::PredictionResponse;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use serde_json::Value;

use super::Error;

/// Most bytes of one event: an output may be a whole file.
const LARGEST: usize = 1 << 30;

/// What happens in a prediction.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The model wrote to its log.
    Log(String),
    /// The next piece of the output.
    Piece(Value),
    /// It is over.
    Completed(Box<PredictionResponse>),
}

/// The events of one prediction, in order. Dropping this cancels it.
pub struct Events {
    bytes: BoxStream<'static, reqwest::Result<Bytes>>,
    buffer: Vec<u8>,
    /// How much of the buffer has no line's end.
    searched: usize,
    frame: Frame,
    ready: VecDeque<Result<Event, Error>>,
}

#[derive(Debug, Default)]
struct Frame {
    name: String,
    data: Vec<String>,
}

impl Events {
    pub(super) fn new(bytes: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static) -> Self {
        Self {
            bytes: bytes.boxed(),
            buffer: Vec::new(),
            searched: 0,
            frame: Frame::default(),
            ready: VecDeque::new(),
        }
    }

    /// The next event; `None` where the connection ended without the prediction having done so.
    ///
    /// # Errors
    /// A connection that broke, a stream that the model gave up, an event that is none.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return event.map(Some);
            }
            match self.bytes.next().await {
                Some(bytes) => self.take(&bytes?)?,
                None => return Ok(None),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.buffer.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(length) =
            self.buffer[self.searched.max(start)..].iter().position(|byte| *byte == b'\n')
        {
            let end = self.searched.max(start) + length;
            let line = self.buffer[start..end].strip_suffix(b"\r").unwrap_or(&self.buffer[start..end]);
            let line = String::from_utf8_lossy(line).into_owned();
            start = end + 1;
            if line.is_empty() {
                self.ready.extend(std::mem::take(&mut self.frame).event());
            } else {
                self.frame.line(&line);
            }
        }
        self.buffer.drain(..start);
        self.searched = self.buffer.len();
        if self.buffer.len() > LARGEST {
            return Err(Error::Stream("an event is larger than 1 GiB".to_owned()));
        }
        Ok(())
    }
}

impl Frame {
    fn line(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => self.data.push(value.to_owned()),
            // Comments keep the line open, ids are for readers who come back.
            _ => {}
        }
    }

    /// What it says, where that is of interest.
    fn event(self) -> Option<Result<Event, Error>> {
        let data = self.data.join("\n");
        let broken = |_| Error::Stream(format!("an event `{}` that cannot be read: {data}", self.name));
        let field = |name: &str| {
            serde_json::from_str::<Value>(&data).map(|mut value| value[name].take()).map_err(broken)
        };
        let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
        match self.name.as_str() {
            "log" => Some(field("data").map(|data| Event::Log(text(data)))),
            "output" => Some(field("chunk").map(Event::Piece)),
            "completed" => {
                Some(serde_json::from_str(&data).map(|last| Event::Completed(Box::new(last))).map_err(broken))
            }
            "error" => Some(field("error").and_then(|error| Err(Error::Stream(text(error))))),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").field("frame", &self.frame).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use futures_util::stream;

    use super::*;

    async fn read(pieces: Vec<&'static [u8]>) -> Vec<Result<Event, String>> {
        let mut events =
            Events::new(stream::iter(pieces.into_iter().map(|piece| Ok(Bytes::from_static(piece)))));
        let mut seen = Vec::new();
        loop {
            match events.next().await {
                Ok(Some(event)) => seen.push(Ok(event)),
                Ok(None) => return seen,
                Err(error) => seen.push(Err(error.to_string())),
            }
        }
    }

    const WHOLE: &[u8] = b"event: start\nid: 0\ndata: {\"id\":\"s\",\"status\":\"processing\"}\n\n\
        : keep-alive\n\nevent: log\r\ndata: {\"data\":\"w\xc3\xb6rds\\n\",\"source\":\"stdout\"}\r\n\r\n\
        event: output\ndata: {\"chunk\":\"tok0 \",\"index\":0}\n\n\
        event: completed\ndata: {\"id\":\"s\",\"output\":[\"tok0 \"],\"status\":\"succeeded\"}\n\n";

    #[tokio::test]
    async fn events_are_the_same_however_the_bytes_are_cut() {
        let whole = read(vec![WHOLE]).await;
        assert_eq!(whole.len(), 3);
        assert_eq!(whole[0], Ok(Event::Log("wörds\n".to_owned())));
        assert_eq!(whole[1], Ok(Event::Piece("tok0 ".into())));
        assert!(matches!(&whole[2], Ok(Event::Completed(last)) if last.id == "s"));
        assert_eq!(read(WHOLE.chunks(1).collect()).await, whole);
    }

    #[tokio::test]
    async fn a_stream_that_the_model_gives_up_is_an_error() {
        let seen = read(vec![b"event: error\ndata: {\"error\":\"SSE stream lagged\"}\n\n"]).await;
        assert!(seen[0].as_ref().unwrap_err().contains("SSE stream lagged"));
        let seen = read(vec![b"event: output\ndata: nonsense\n\n"]).await;
        assert!(seen[0].as_ref().unwrap_err().contains("nonsense"));
    }
}
