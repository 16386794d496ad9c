//! `cog playground`, beside a model.

use std::time::Duration;

use crate::{Connection, Reply, Running, Server, cog, free_port};

/// A playground that listens.
#[derive(Debug)]
pub struct Playground {
    running: Running,
    port: u16,
}

impl Playground {
    /// For a model; its webhooks come by the loopback network.
    pub fn of(server: &Server) -> Self {
        Self::with(&format!("http://localhost:{}", server.port()), &[])
    }

    /// For whatever is at an address, with more arguments.
    pub fn with(target: &str, more: &[&str]) -> Self {
        let port = free_port();
        let number = port.to_string();
        let fixed =
            ["playground", "--no-open", "--target", target, "-p", &number, "--webhook-host", "127.0.0.1"];
        let mut running = cog(fixed.iter().chain(more)).start();
        running.wait_until_it_says("Press Ctrl+C to stop.");
        Self { running, port }
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its page is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// A connection to it.
    pub fn connect(&self) -> Connection {
        Connection::open(self.port).expect("it listens")
    }

    /// A request to it.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.connect().request(method, path, headers, body).expect("a request is answered")
    }

    /// Ctrl-C, and how it ends.
    #[must_use = "say what should have come of it"]
    pub fn interrupt(self) -> crate::Outcome {
        self.running.interrupt();
        self.running.finish_within(Duration::from_secs(30))
    }
}
