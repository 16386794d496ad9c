//! The way to the engine: listened in on, and cut when a test wants it to be.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

/// A socket that leads to the engine.
#[derive(Debug)]
pub struct EngineWay(Arc<Way>);

#[derive(Debug)]
struct Way {
    home: TempDir,
    open: Mutex<Vec<UnixStream>>,
    /// Bytes on one connection after which there is no way any more.
    most: AtomicU64,
    /// What the next image is answered with.
    refusal: Mutex<Option<&'static [u8]>>,
    /// What the engine loses before it is given the next image.
    lost: Mutex<Vec<String>>,
    /// Whether it freezes at the next image, and whether it has.
    freezes: AtomicBool,
    frozen: AtomicBool,
}

impl EngineWay {
    /// A way to the engine of this machine.
    pub fn open() -> Self {
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        fs::create_dir(home.path().join("sent")).expect("a directory can be made");
        let listener = UnixListener::bind(home.path().join("engine.sock")).expect("a socket can be made");
        let way = Way {
            home,
            open: Mutex::default(),
            most: AtomicU64::new(u64::MAX),
            refusal: Mutex::default(),
            lost: Mutex::default(),
            freezes: AtomicBool::new(false),
            frozen: AtomicBool::new(false),
        };
        let way = Arc::new(way);
        let (weak, sent, count) = (Arc::downgrade(&way), way.sent(), AtomicUsize::new(0));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (Some(way), Ok(engine)) = (weak.upgrade(), UnixStream::connect(engine())) else { return };
                let both = [client.try_clone(), engine.try_clone()];
                lock(&way.open).extend(both.into_iter().flatten());
                let record = sent.join(count.fetch_add(1, Ordering::Relaxed).to_string());
                // Whichever side hangs up, the other one notices.
                std::thread::spawn(move || drop(way.pass(client, engine, &record)));
            }
        });
        Self(way)
    }

    /// Where it is, for `DOCKER_HOST`.
    pub fn address(&self) -> String {
        format!("unix://{}", self.0.home.path().join("engine.sock").display())
    }

    /// A directory with all that was sent to the engine, a file for each connection. What answers the engine's own
    /// questions in the course of a build, for secrets and credentials, is not among it.
    pub fn sent(&self) -> PathBuf {
        self.0.sent()
    }

    /// The engine is gone, in the middle of whatever it does.
    pub fn cut(&self) {
        self.0.cut();
    }

    /// The engine is gone as soon as it is sent more than so many bytes at a time.
    pub fn cut_after(&self, bytes: u64) {
        self.0.most.store(bytes, Ordering::SeqCst);
    }

    /// The engine does not take the next image that it is given.
    pub fn refuse_an_image(&self) {
        *lock(&self.0.refusal) = Some(REFUSAL);
    }

    /// The engine gives the next image its name, and does not get it unpacked.
    pub fn fail_to_unpack_an_image(&self) {
        *lock(&self.0.refusal) = Some(NOT_UNPACKED);
    }

    /// The engine loses `images` before it is given the next one.
    pub fn lose(&self, images: &[String]) {
        *lock(&self.0.lost) = images.to_owned();
    }

    /// The engine neither reads nor says anything any more when it is given the next image.
    pub fn freeze_at_an_image(&self) {
        self.0.freezes.store(true, Ordering::SeqCst);
    }

    /// Whether it has come to that.
    pub fn is_frozen(&self) -> bool {
        self.0.frozen.load(Ordering::SeqCst)
    }

    /// Whether one of these is yet to come.
    pub fn has_more_to_come(&self) -> bool {
        lock(&self.0.refusal).is_some() || !lock(&self.0.lost).is_empty()
    }

    /// The engine is back, and stays.
    pub fn mend(&self) {
        self.0.most.store(u64::MAX, Ordering::SeqCst);
        self.0.rename("gone.sock", "engine.sock");
    }
}

impl Way {
    fn sent(&self) -> PathBuf {
        self.home.path().join("sent")
    }

    fn cut(&self) {
        self.rename("engine.sock", "gone.sock");
        for stream in lock(&self.open).drain(..) {
            let _gone = stream.shutdown(Shutdown::Both);
        }
    }

    fn rename(&self, from: &str, to: &str) {
        let place = self.home.path();
        fs::rename(place.join(from), place.join(to)).expect("a socket can be renamed");
    }

    fn pass(&self, mut client: UnixStream, mut engine: UnixStream, record: &Path) -> io::Result<()> {
        let (mut answers, mut asker) = (engine.try_clone()?, client.try_clone()?);
        std::thread::spawn(move || {
            let _ended = io::copy(&mut answers, &mut asker);
            asker.shutdown(Shutdown::Both)
        });
        let mut piece = vec![0; 1 << 16];
        let mut record = Record::Unknown(record);
        let mut passed = 0;
        loop {
            let length = client.read(&mut piece)?;
            if length == 0 {
                return engine.shutdown(Shutdown::Write);
            }
            record.take(&piece[..length])?;
            let asks =
                piece.starts_with(b"POST ") && piece[..length].windows(LOAD.len()).any(|part| part == LOAD);
            if asks && self.freezes.load(Ordering::SeqCst) {
                self.frozen.store(true, Ordering::SeqCst);
                loop {
                    std::thread::park();
                }
            }
            let lost = if asks { std::mem::take(&mut *lock(&self.lost)) } else { vec![] };
            if !lost.is_empty() {
                Command::new("docker").args(["image", "rm", "--force"]).args(lost).output()?;
            }
            if asks && let Some(refusal) = lock(&self.refusal).take() {
                client.write_all(refusal)?;
                return io::copy(&mut client, &mut io::sink()).map(drop);
            }
            passed += length as u64;
            if passed > self.most.load(Ordering::SeqCst) {
                self.cut();
            }
            engine.write_all(&piece[..length])?;
        }
    }
}

/// Where images are taken in.
const LOAD: &[u8] = b"/images/load";
/// What an engine says that needs all of the layers.
const REFUSAL: &[u8] =
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: 29\r\n\
    connection: close\r\n\r\n{\"message\":\"a layer is gone\"}";

/// What one says that keeps images in containerd's store, and has lost a layer.
const NOT_UNPACKED: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 64\r\nconnection: close\r\n\r\n\
    {\"stream\":\"Error unpacking image: content digest not found\\n\"}\r\n";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the engine is.
fn engine() -> PathBuf {
    let named = std::env::var("DOCKER_HOST").ok();
    let path = named.as_deref().and_then(|host| host.strip_prefix("unix://"));
    path.unwrap_or("/var/run/docker.sock").into()
}

/// What is sent on one connection, as a file.
enum Record<'p> {
    Unknown(&'p Path),
    Kept(File),
    Answers,
}

impl Record<'_> {
    fn take(&mut self, piece: &[u8]) -> io::Result<()> {
        if let Self::Unknown(path) = self {
            let answers = piece.starts_with(b"POST /session") || piece.starts_with(b"POST /grpc");
            *self = if answers { Self::Answers } else { Self::Kept(File::create(path)?) };
        }
        match self {
            Self::Kept(file) => file.write_all(piece),
            Self::Unknown(_) | Self::Answers => Ok(()),
        }
    }
}
