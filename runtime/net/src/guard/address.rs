//! Which addresses lie in the open, by the registries of special-purpose addresses (RFC 6890 and its updates).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// A machine of the internet.
    Public,
    /// A machine of one's own: called only where the operator says so.
    Inside(&'static str),
    /// Nothing that a flow or a stranger's message could mean to call, whatever the operator says.
    Never(&'static str),
}

use Ground::{Inside, Never, Public};

const METADATA: &str = "a cloud's metadata";
const LINK_LOCAL: &str = "link-local";

/// Where clouds hand out the credentials of a machine. One of them lies in public space.
const METADATA_V4: [[u8; 4]; 4] =
    [[169, 254, 169, 254], [168, 63, 129, 16], [100, 100, 100, 200], [192, 0, 0, 192]];
const METADATA_V6: [[u16; 8]; 2] =
    [[0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]];

/// Blocks that are not public: first address, length of the prefix, what it is. The first that fits counts.
const V4: &[([u8; 4], u32, Ground)] = &[
    ([0, 0, 0, 0], 8, Never("this network")),
    ([10, 0, 0, 0], 8, Inside("private")),
    ([100, 64, 0, 0], 10, Inside("shared by a carrier")),
    ([127, 0, 0, 0], 8, Inside("loopback")),
    ([169, 254, 0, 0], 16, Never(LINK_LOCAL)),
    ([172, 16, 0, 0], 12, Inside("private")),
    ([192, 0, 0, 0], 24, Never("for protocols")),
    ([192, 0, 2, 0], 24, Never("for documentation")),
    ([192, 88, 99, 0], 24, Never("a relay of 6to4")),
    ([192, 168, 0, 0], 16, Inside("private")),
    ([198, 18, 0, 0], 15, Never("for benchmarks")),
    ([198, 51, 100, 0], 24, Never("for documentation")),
    ([203, 0, 113, 0], 24, Never("for documentation")),
    ([224, 0, 0, 0], 4, Never("multicast")),
    ([255, 255, 255, 255], 32, Never("broadcast")),
    ([240, 0, 0, 0], 4, Never("reserved")),
];

/// The same of IPv6; what is in none of them is public only within 2000::/3.
const V6: &[([u16; 2], u32, Ground)] = &[
    ([0xfc00, 0], 7, Inside("private")),
    ([0xfe80, 0], 10, Never(LINK_LOCAL)),
    ([0xfec0, 0], 10, Never("site-local")),
    ([0xff00, 0], 8, Never("multicast")),
    ([0x2001, 0x0db8], 32, Never("for documentation")),
    ([0x3fff, 0], 20, Never("for documentation")),
    ([0x2001, 0], 23, Never("for protocols")),
];

/// What kind of place an address is.
pub(crate) fn ground(ip: IpAddr) -> Ground {
    match ip {
        IpAddr::V4(ip) => v4(ip),
        IpAddr::V6(ip) => v6(ip),
    }
}

fn v4(ip: Ipv4Addr) -> Ground {
    if METADATA_V4.contains(&ip.octets()) {
        return Never(METADATA);
    }
    let bits = ip.to_bits();
    let within = |start: &[u8; 4], length: u32| {
        let distance = bits ^ u32::from_be_bytes(*start);
        distance.checked_shr(32 - length).unwrap_or_default() == 0
    };
    V4.iter().find(|(start, length, _)| within(start, *length)).map_or(Public, |(_, _, ground)| *ground)
}

fn v6(ip: Ipv6Addr) -> Ground {
    if METADATA_V6.contains(&ip.segments()) {
        return Never(METADATA);
    }
    let joined = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Never("no address"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Inside("loopback"),
        // The same machine as the IPv4 address in it.
        [0, 0, 0, 0, 0, 0xffff, high, low] => v4(joined(high, low)),
        [0, 0, 0, 0, 0, 0, ..] => Never("an IPv4 address in a form of old"),
        // Translators hand these on to the IPv4 address in them.
        [0, 0, 0, 0, 0xffff, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            through(joined(high, low))
        }
        [0x64, 0xff9b, ..] => Never("for translation within a network"),
        [0x2002, high, low, ..] => through(joined(high, low)),
        // Teredo: the server stands in it, and the client with all its bits turned round.
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            match through(joined(server_high, server_low)) {
                Public => through(joined(!high, !low)),
                other => other,
            }
        }
        // ISATAP.
        [.., 0 | 0x200, 0x5efe, high, low] => match through(joined(high, low)) {
            Public => block(ip),
            other => other,
        },
        _ => block(ip),
    }
}

/// A place that is reached through a translator: one's own places are not meant to be reached so.
fn through(ip: Ipv4Addr) -> Ground {
    match v4(ip) {
        Public => Public,
        Inside(what) | Never(what) => Never(what),
    }
}

fn block(ip: Ipv6Addr) -> Ground {
    let bits = ip.to_bits();
    let within = |start: &[u16; 2], length: u32| {
        let start = (u128::from(start[0]) << 112) | (u128::from(start[1]) << 96);
        (bits ^ start) >> (128 - length) == 0
    };
    let special = V6.iter().find(|(start, length, _)| within(start, *length)).map(|(_, _, ground)| *ground);
    special.unwrap_or(if within(&[0x2000, 0], 3) { Public } else { Never("reserved") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Ground {
        ground(text.parse().unwrap_or_else(|_| panic!("{text}")))
    }

    #[test]
    fn machines_of_the_internet_are_public() {
        for ip in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
            "2001:0:101:101:0:0:fefe:fefe",
            "2001:200::1",
        ] {
            assert_eq!(of(ip), Public, "{ip}");
        }
    }

    #[test]
    fn ones_own_machines_are_inside() {
        for ip in [
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.1",
            "192.168.255.255",
            "::1",
            "fc00::1",
            "fdff:ffff::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:192.168.1.1",
            "::ffff:100.64.0.1",
        ] {
            assert!(matches!(of(ip), Inside(_)), "{ip}: {:?}", of(ip));
        }
    }

    #[test]
    fn nobody_means_to_call_the_rest() {
        for ip in [
            "0.0.0.0",
            "0.1.2.3",
            "0.255.255.255",
            "169.254.0.1",
            "169.254.169.254",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::10.0.0.1",
            "::8.8.8.8",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "::ffff:0:10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1.1.1.1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:c0a8:101::1",
            "2002:a9fe:a9fe::1",
            "2001:0:7f00:1:0:0:fefe:fefe",
            "2001:0:101:101:0:0:80ff:fffe",
            "2001:0:101:101:0:0:f5ff:fffe",
            "2001:db8::1",
            "2001:2::1",
            "2001:10::1",
            "3fff::1",
            "100::1",
            "5f00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "4000::1",
            "2606:4700::5efe:10.0.0.1",
            "2606:4700::200:5efe:127.0.0.1",
        ] {
            assert!(matches!(of(ip), Never(_)), "{ip}: {:?}", of(ip));
        }
    }
}
