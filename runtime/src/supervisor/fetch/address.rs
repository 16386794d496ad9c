//! Which addresses a client may make this server talk to.
//!
//! Link-local addresses are refused always: that is where clouds answer with a machine's credentials. The check is
//! made on the address that is then dialled, so a name cannot change its mind in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Cloud metadata services outside the link-local ranges.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Whether the address may be talked to.
pub(super) fn is_allowed(address: IpAddr) -> bool {
    let address = match address {
        IpAddr::V6(v6) => embedded(v6).map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    let link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !link_local && !METADATA.contains(&address)
}

/// The IPv4 address inside an IPv6 one (mapped, compatible, or behind a NAT64).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = address.segments();
    let [a, b] = [parts[6].to_be_bytes(), parts[7].to_be_bytes()];
    let last = Ipv4Addr::new(a[0], a[1], b[0], b[1]);
    let nat64 = parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let compatible = parts[..6] == [0; 6] && !address.is_loopback() && !address.is_unspecified();
    address.to_ipv4_mapped().or_else(|| (nat64 || compatible).then_some(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_services_are_refused_however_they_are_written() -> Result<(), std::net::AddrParseError> {
        for refused in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
        ] {
            assert!(!is_allowed(refused.parse()?), "{refused}");
        }
        for allowed in ["127.0.0.1", "::1", "10.0.0.1", "1.1.1.1", "2606:4700::1111"] {
            assert!(is_allowed(allowed.parse()?), "{allowed}");
        }
        Ok(())
    }
}
