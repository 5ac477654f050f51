//! Which names are meant.

/// Which names are meant: `read_*` means those that begin so, `!delete_*` leaves those out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patterns {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Patterns {
    /// Of their texts. Without any, and where all of them leave something out, every other name is meant.
    pub fn read<T: AsRef<str>>(texts: &[T]) -> Patterns {
        let mut patterns = Patterns::default();
        for text in texts {
            match text.as_ref().strip_prefix('!') {
                Some(rest) => patterns.unwanted.push(rest.to_owned()),
                None => patterns.wanted.push(text.as_ref().to_owned()),
            }
        }
        patterns
    }

    /// Whether a name is meant.
    pub fn take(&self, name: &str) -> bool {
        let fits =
            |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern.as_bytes(), name.as_bytes()));
        (self.wanted.is_empty() || fits(&self.wanted)) && !fits(&self.unwanted)
    }
}

/// Whether a name fits a pattern in which `*` stands for any letters. It goes back to the last `*` only, which is enough, so
/// that it takes at most as many steps as both are long, multiplied.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while let Some(letter) = name.get(n) {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p, n));
                p += 1;
            }
            Some(expected) if expected == letter => (p, n) = (p + 1, n + 1),
            _ => match back {
                Some((star, from)) => {
                    (p, n) = (star + 1, from + 1);
                    back = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything_and_marks_leave_out() {
        for (patterns, yes, no) in [
            (&[][..], &["a", "delete_all"][..], &[][..]),
            (&["read_*"], &["read_", "read_file"], &["read", "xread_a"]),
            (&["read_*", "list"], &["list", "read_x"], &["lists"]),
            (&["!delete_*"], &["read", "undelete_x"], &["delete_", "delete_all"]),
            (&["*", "!*_all", "!x*y"], &["a", "xa"], &["delete_all", "xy", "xaby"]),
            (&["a*b*c"], &["abc", "aXbYbZc"], &["ab", "acb"]),
            (&["ä*"], &["äö"], &["a"]),
            (&[""], &[""], &["a"]),
        ] {
            let read = Patterns::read(patterns);
            yes.iter().for_each(|name| assert!(read.take(name), "{patterns:?} {name}"));
            no.iter().for_each(|name| assert!(!read.take(name), "{patterns:?} {name}"));
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        assert!(!matches("*a".repeat(500).as_bytes(), "a".repeat(400).as_bytes()));
    }
}
