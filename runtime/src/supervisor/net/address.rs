//! Which addresses a client may make this server talk to.
//!
//! Link-local addresses are refused always: that is where clouds answer with a machine's credentials. The check is
//! made on the address that is then dialled, so a name cannot change its mind in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Cloud metadata services outside the link-local ranges.
const METADATA: [IpAddr; 8] = [
    // Alibaba, Azure, Oracle's former one.
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    // Google, Oracle, Scaleway, Alibaba, Akamai.
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x100, 0, 0, 0, 0, 0x100, 0x200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1)),
];

/// Where Amazon has its own: metadata, credentials of pods, time, names.
const AMAZON: [u16; 2] = [0xfd00, 0xec2];

/// Which addresses are talked to, besides those that never are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Those of this machine and of private networks, too.
    #[default]
    Any,
    /// Only those of the public internet.
    Public,
}

impl Policy {
    /// Whether the address may be talked to.
    pub(super) fn allows(self, address: IpAddr) -> bool {
        let address = match address {
            IpAddr::V6(v6) => embedded(v6).map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        let link_local = match address {
            IpAddr::V4(v4) => v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.segments()[..2] == AMAZON,
        };
        !link_local && !METADATA.contains(&address) && (self == Self::Any || is_public(address))
    }
}

/// Whether the address is one that the whole internet knows.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, third, _] = v4.octets();
            let shared = first == 100 && second & 0xc0 == 64;
            let reserved = first == 0 || first >= 240 || (first, second, third) == (192, 0, 0);
            let benchmark = first == 198 && second & 0xfe == 18;
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_multicast()
                || v4.is_documentation()
                || shared
                || reserved
                || benchmark)
        }
        IpAddr::V6(v6) => {
            let first = v6.segments()[0];
            let documentation = first == 0x2001 && v6.segments()[1] == 0xdb8;
            // All that has been given out is in 2000::/3.
            first & 0xe000 == 0x2000 && !documentation
        }
    }
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
            assert!(!Policy::Any.allows(refused.parse()?), "{refused}");
            assert!(!Policy::Public.allows(refused.parse()?), "{refused}");
        }
        for allowed in ["127.0.0.1", "::1", "10.0.0.1", "1.1.1.1", "2606:4700::1111"] {
            assert!(Policy::Any.allows(allowed.parse()?), "{allowed}");
        }
        Ok(())
    }

    #[test]
    fn the_public_policy_allows_only_what_the_whole_internet_knows() -> Result<(), std::net::AddrParseError> {
        for refused in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
        ] {
            assert!(!Policy::Public.allows(refused.parse()?), "{refused}");
        }
        for allowed in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"] {
            assert!(Policy::Public.allows(allowed.parse()?), "{allowed}");
        }
        Ok(())
    }
}
