//! Times for people.

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `3 h`: the largest unit of which there are at least one and a half, or seconds.
fn length(milliseconds: i64) -> String {
    let of = |unit: i64| milliseconds.saturating_add(unit / 2) / unit;
    match milliseconds {
        ms if ms < 90 * SECOND => format!("{} s", of(SECOND)),
        ms if ms < 90 * MINUTE => format!("{} min", of(MINUTE)),
        ms if ms < 36 * HOUR => format!("{} h", of(HOUR)),
        _ => format!("{} d", of(DAY)),
    }
}

/// `for 3 h`.
pub(in crate::commands) fn since(at: i64, now: i64) -> String {
    format!("for {}", length(now.saturating_sub(at).max(0)))
}

/// `in 2 d`, or `due`.
pub(in crate::commands) fn until(at: i64, now: i64) -> String {
    if at <= now { "due".to_owned() } else { format!("in {}", length(at.saturating_sub(now))) }
}

/// `2026-11-27 01:02:03`, in UTC.
pub(in crate::commands) fn instant(at: i64) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => format!("{at} ms"),
    }
}

/// `2026-11-27`, in UTC.
pub(in crate::commands) fn day(at: i64) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => format!("{at} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short() {
        for (ms, expected) in [
            (0, "0 s"),
            (1_499, "1 s"),
            (89_000, "89 s"),
            (90_000, "2 min"),
            (3_540_000, "59 min"),
            (3 * HOUR, "3 h"),
            (35 * HOUR, "35 h"),
            (47 * HOUR, "2 d"),
            (i64::MAX, "106751991167 d"),
        ] {
            assert_eq!(length(ms), expected);
        }
        assert_eq!((since(10, 5).as_str(), until(5, 5).as_str()), ("for 0 s", "due"));
        assert_eq!(instant(1_790_000_000_000), "2026-09-21 14:13:20");
        assert_eq!(instant(i64::MAX), format!("{} ms", i64::MAX));
    }
}
