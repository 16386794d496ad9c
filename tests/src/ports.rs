//! Ports that nobody listens on.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::{Mutex, PoisonError};

/// The first of those that are given out. The kernel gives 32768 and above to whoever asks for any port and to
/// connections that go out, so that one of these stays free until whoever it is meant for takes it.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// A port of 127.0.0.1 that is free, and that no other test gets while this process lives.
///
/// # Panics
/// If no port is free.
pub fn free_port() -> u16 {
    // UDP's port of the same number, which nothing here uses, tells the other processes that it is taken.
    static TAKEN: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    for port in FIRST..LAST {
        let Ok(claim) = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) else { continue };
        if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            taken.push(claim);
            return port;
        }
    }
    panic!("no port from {FIRST} to {LAST} is free");
}
