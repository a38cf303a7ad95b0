//! Whose an address of the network is.

use std::net::{IpAddr, Ipv6Addr};

/// The last 64 bits of an address of IPv6 are anybody's choice.
const HOME_BITS: u32 = 64;

/// Who has one address has all of it.
pub fn home(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V4(_) => from,
        IpAddr::V6(address) => {
            let bits = u128::from(address) >> HOME_BITS << HOME_BITS;
            IpAddr::V6(Ipv6Addr::from(bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::home;

    #[test]
    fn an_address_of_ipv6_is_one_of_many_of_its_home() {
        let homes = ["2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1"]
            .map(|address| home(address.parse().unwrap()));

        assert_eq!(homes[0], homes[1]);
        assert_ne!(homes[0], homes[2]);
    }
}
