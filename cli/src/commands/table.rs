//! Columns for people.

use std::io::IsTerminal as _;
use unicode_width::UnicodeWidthChar as _;
use unicode_width::UnicodeWidthStr as _;

pub(crate) const BOLD: &str = "\u{1b}[1m";
pub(crate) const DIM: &str = "\u{1b}[2m";
pub(crate) const ALERT: &str = "\u{1b}[33;1m";
pub(crate) const PLAIN: &str = "\u{1b}[0m";

/// How narrow the column gets that gives way where the terminal is narrow.
const NARROWEST: usize = 16;

/// How wide the terminal is; without end where there is none.
pub(crate) fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return usize::MAX;
    }
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}

/// The rows under their head, in columns of which the `elastic`th gives way; those rows that are marked stand out.
pub(crate) fn table<const N: usize>(
    head: [&str; N],
    elastic: usize,
    rows: &[([String; N], bool)],
    width: usize,
) -> String {
    let mut widths = head.map(|cell| cell.width());
    for (row, _) in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let gaps = 2 * N.saturating_sub(1);
    let total = widths.iter().sum::<usize>().saturating_add(gaps);
    if let Some(elastic) = widths.get_mut(elastic) {
        let wanted = elastic.saturating_sub(total.saturating_sub(width));
        *elastic = wanted.max(NARROWEST.min(*elastic));
    }
    let line = |cells: &[String; N]| {
        let cells: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| fit(cell, width)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut out = format!("{BOLD}{}{PLAIN}\n", line(&head.map(str::to_owned)));
    for (row, alert) in rows {
        let colour = if *alert { ALERT } else { "" };
        out.push_str(&format!("{colour}{}{PLAIN}\n", line(row)));
    }
    out
}

/// A cell of exactly this width: padded, or cut off with an ellipsis.
fn fit(cell: &str, width: usize) -> String {
    let has = cell.width();
    if has <= width {
        return format!("{cell}{}", " ".repeat(width.saturating_sub(has)));
    }
    let mut cut = String::new();
    let mut used = 0_usize;
    for c in cell.chars() {
        let next = used.saturating_add(c.width().unwrap_or_default());
        if next >= width {
            break;
        }
        used = next;
        cut.push(c);
    }
    cut.push('…');
    format!("{cut}{}", " ".repeat(width.saturating_sub(used).saturating_sub(1)))
}

/// What others wrote, without what would steer the terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_and_only_one_column_gives_way() {
        let head = ["RUN", "FLOW", "SINCE", "WAITS FOR", "UNTIL", "AT"];
        let cells = [
            "0123abcd",
            "main.greet",
            "for 3 h",
            "“多言語の長い質問です、いいですか”",
            "in 2 d",
            "main.flow:6",
        ];
        let rows = vec![(cells.map(str::to_owned), false)];
        for width in [70, 75, 80, 200] {
            let drawn = table(head, 3, &rows, width).replace(BOLD, "").replace(PLAIN, "");
            assert!(drawn.lines().all(|line| line.width() <= width), "{width}: {drawn}");
            assert!(drawn.contains("main.flow:6") && drawn.contains("0123abcd"), "{drawn}");
            assert_eq!(drawn.contains('…'), width < 93, "{width}: {drawn}");
        }
    }

    #[test]
    fn nothing_that_others_wrote_steers_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\r\nc\u{7}"), "a [2Jb  c ");
    }
}
