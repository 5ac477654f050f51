//! A figure, its budget, and whether it holds: one line, also where it falls short.

/// What a figure is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// So much or more.
    AtLeast(f64),
    /// So much or less.
    AtMost(f64),
    /// Nothing: it is only told.
    None,
}

/// Prints the line.
#[expect(clippy::print_stdout, reason = "a benchmark is run to be read")]
pub fn tell(what: &str, figure: f64, unit: &str, budget: Budget) {
    println!("{}", line(what, figure, unit, budget));
}

fn line(what: &str, figure: f64, unit: &str, budget: Budget) -> String {
    let (sign, bound, share) = match budget {
        Budget::AtLeast(bound) => ("≥", bound, figure / bound),
        Budget::AtMost(bound) => ("≤", bound, bound / figure),
        Budget::None => return format!("{what}: {} {unit}", number(figure)),
    };
    let verdict = if share >= 1.0 { "holds" } else { "falls short" };
    format!("{what}: {} {unit}; budget {sign} {} {verdict} ({share:.2} of it)", number(figure), number(bound))
}

/// Thousands apart; digits behind the point only where they say something.
fn number(figure: f64) -> String {
    if figure.abs() < 100.0 {
        let text = format!("{figure:.2}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{figure:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whether_the_budget_holds() {
        let at_least = |figure| line("parse", figure, "lines/s", Budget::AtLeast(100_000.0));
        assert_eq!(at_least(150_000.0), "parse: 150,000 lines/s; budget ≥ 100,000 holds (1.50 of it)");
        assert_eq!(at_least(50_000.0), "parse: 50,000 lines/s; budget ≥ 100,000 falls short (0.50 of it)");
        let at_most = |figure| line("a call", figure, "ns", Budget::AtMost(40.0));
        assert_eq!(at_most(32.5), "a call: 32.5 ns; budget ≤ 40 holds (1.23 of it)");
        assert_eq!(at_most(80.0), "a call: 80 ns; budget ≤ 40 falls short (0.50 of it)");
        assert_eq!(line("x", 1_234_567.8, "B", Budget::None), "x: 1,234,568 B");
    }
}
