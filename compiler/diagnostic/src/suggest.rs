//! What the author may have meant.

/// The candidate closest to `name`, where one is close enough that offering it helps more than it annoys.
///
/// A candidate that differs in case only always wins. Otherwise a third of the longer name's letters, and at least
/// one, may be wrong, missing, too many or swapped; among equals the first candidate wins. A name that is a
/// candidate is no misspelling and gets no suggestion of itself.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.to_lowercase();
    let length = name.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name || candidate.is_empty() {
            continue;
        }
        let other = candidate.to_lowercase();
        let longer = length.max(candidate.chars().count());
        let allowed = (longer / 3).max(1);
        // One letter has nothing in common with another one: `x` is not a misspelling of `y`.
        if longer < 2 && other != folded {
            continue;
        }
        let distance = if other == folded { 0 } else { strsim::osa_distance(&folded, &other) };
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn finds_the_slip_of_a_finger() {
        let names = ["reply", "send", "forward", "ask_who", "refund_limit"];
        assert_eq!(suggest("repyl", names), Some("reply"));
        assert_eq!(suggest("sned", names), Some("send"));
        assert_eq!(suggest("refund_limt", names), Some("refund_limit"));
        assert_eq!(suggest("Reply", names), Some("reply"));
    }

    #[test]
    fn says_nothing_rather_than_nonsense() {
        let names = ["reply", "send", "x"];
        assert_eq!(suggest("delete_everything", names), None);
        assert_eq!(suggest("y", names), None);
        assert_eq!(suggest("reply", ["reply"]), None);
        assert_eq!(suggest("", names), None);
    }

    #[test]
    fn prefers_the_closest() {
        assert_eq!(suggest("ordr", ["odour", "order", "orders"]), Some("order"));
        assert_eq!(suggest("HIGH", ["higher", "high"]), Some("high"));
    }
}
