//! Ports that nobody listens on.

use std::net::TcpListener;

/// A port of 127.0.0.1 that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
    listener.local_addr().expect("a listener has an address").port()
}
