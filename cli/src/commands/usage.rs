//! `carapace usage`: what asking models has used up.

use super::runs::times::day;
use super::table::{ALERT, BOLD, DIM, PLAIN, clean};
use crate::args::{Results, Usage};
use crate::data::unopened;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use crate::reach::Client;
use carapace_config::milliseconds;
use carapace_engine::inspect::{self, UsageBy, UsageLine, UsageListed, UsageSum};
use carapace_engine::machine::vm;
use carapace_engine::service::Clock;
use carapace_gateway::Request;
use unicode_width::UnicodeWidthStr as _;

/// Millionths in one.
const MICRO: u64 = 1_000_000;

pub(crate) fn run(options: &Usage) -> Result<Exit, Problem> {
    let since = since(&options.since)?;
    let by = UsageBy::list(&options.by).map_err(|error| {
        Problem::new("E1103", error.to_string()).help("join several with commas: `--by agent,model`")
    })?;
    let (listed, live) = read(options, since, by)?;
    match options.at.format {
        Results::Json => output::print(&format!("{:#}\n", serde_json::json!(listed))),
        Results::Human => {
            output::print(&human(&listed));
            if !live {
                output::note("the runtime does not run; this is what its journal says");
            }
        }
    }
    Ok(Exit::Fine)
}

/// Of the runtime that runs, or out of the journal of one that is stopped.
fn read(options: &Usage, since: i64, by: Vec<UsageBy>) -> Result<(UsageListed, bool), Problem> {
    let place = &options.at.place;
    if let Some(client) = Client::connect(place)? {
        let by = by.iter().map(|by| by.name()).collect::<Vec<_>>().join(",");
        return Ok((client.call(&Request::Usage { since: Some(since), by: Some(by) })?, true));
    }
    let data = place.data();
    let Some(stopped) = inspect::read(&data, vm::load).map_err(|e| unopened(&data, &e))? else {
        let message = format!("no runtime has kept anything in `{}`", data.display());
        return Err(Problem::new("E0941", message).help("`--data DIR` names its data directory"));
    };
    Ok((inspect::usage(&stopped.state.ledger, since, &by), false))
}

/// The day from which on is counted: so long ago, a date, or everything.
fn since(text: &str) -> Result<i64, Problem> {
    if text == "all" {
        return Ok(0);
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        let midnight = date.to_zoned_datetime(jiff::tz::TimeZone::UTC);
        return midnight.map(|at| at.timestamp().as_millisecond()).map_err(|_| no_day(text));
    }
    let ago = milliseconds(text).ok_or_else(|| no_day(text))?;
    Ok(Clock::system().now().saturating_sub(ago).max(0))
}

fn no_day(text: &str) -> Problem {
    Problem::new("E0966", format!("`{text}` does not say how far back"))
        .help("write a day, a number and `h` or `d`, or `all`: `--since 2026-11-01`, `--since 7d`")
}

fn human(listed: &UsageListed) -> String {
    let since = day(listed.since);
    if listed.lines.is_empty() {
        return format!("no model was asked since {since}\n");
    }
    let names: Vec<String> = listed.by.iter().map(|by| by.name().to_uppercase()).collect();
    let heads = ["REQUESTS", "INPUT", "CACHED", "OUTPUT", "COST"].map(str::to_owned);
    let mut rows: Vec<Vec<String>> = vec![names.into_iter().chain(heads).collect()];
    rows.extend(listed.lines.iter().map(|line| {
        listed.by.iter().map(|by| name(line, *by)).chain(figures(&line.sum)).collect::<Vec<_>>()
    }));
    let groups = listed.by.len();
    if listed.lines.len() > 1 {
        let whose = (0..groups).map(|at| if at == 0 { "all".to_owned() } else { String::new() });
        rows.push(whose.chain(figures(&listed.total)).collect());
    }
    let mut text = drawn(&rows, groups, listed.lines.len() > 1);
    let UsageSum { unpriced, .. } = listed.total;
    if unpriced > 0 {
        let requests = output::plural(usize::try_from(unpriced).unwrap_or(usize::MAX), "request");
        let have = if unpriced == 1 { "has" } else { "have" };
        text.push_str(&format!(
            "{ALERT}+ ?{PLAIN}: {requests} {have} no known price; `models.prices` in carapace.json5 says it\n"
        ));
    }
    text.push_str(&format!("{DIM}since {since}, days in UTC{PLAIN}\n"));
    text
}

/// Names to the left, figures to the right; the first row stands out, and the last where it is the sum.
fn drawn(rows: &[Vec<String>], groups: usize, sums: bool) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| {
            let space = " ".repeat(width.saturating_sub(cell.width()));
            if at < groups { format!("{cell}{space}") } else { format!("{space}{cell}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let stands_out = number == 0 || (sums && number + 1 == rows.len());
        let colour = if stands_out { BOLD } else { "" };
        text.push_str(&format!("{colour}{}{PLAIN}\n", line.trim_end()));
    }
    text
}

fn name(line: &UsageLine, by: UsageBy) -> String {
    let said = match by {
        UsageBy::Day => return line.day.map(day).unwrap_or_default(),
        UsageBy::Agent => &line.agent,
        UsageBy::Flow => &line.flow,
        UsageBy::Model => &line.model,
        UsageBy::Sender => &line.sender,
    };
    said.as_deref().map_or_else(|| "-".to_owned(), clean)
}

fn figures(sum: &UsageSum) -> [String; 5] {
    let UsageSum { requests, input, cached, output, cost, unpriced } = *sum;
    let money = match (cost, unpriced) {
        (0, 1..) => "?".to_owned(),
        (cost, 0) => dollars(cost),
        (cost, _) => format!("{} + ?", dollars(cost)),
    };
    [grouped(requests), grouped(input), grouped(cached), grouped(output), money]
}

/// `12.34 USD`; what is less than a cent has as many digits as it needs.
fn dollars(micros: u64) -> String {
    let (whole, rest) = (micros / MICRO, micros % MICRO);
    if micros > 0 && micros < MICRO / 100 {
        let digits = format!("{rest:06}");
        return format!("0.{} USD", digits.trim_end_matches('0'));
    }
    let cents = (rest + 5_000) / 10_000;
    format!("{}.{:02} USD", grouped(whole + cents / 100), cents % 100)
}

/// `1 234 567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_and_numbers_are_written_for_people() {
        for (micros, text) in [
            (0, "0.00 USD"),
            (7, "0.000007 USD"),
            (9_990, "0.00999 USD"),
            (10_000, "0.01 USD"),
            (1_995_000, "2.00 USD"),
            (1_234_567_890_123, "1 234 567.89 USD"),
        ] {
            assert_eq!(dollars(micros), text);
        }
        assert_eq!(grouped(1_000), "1 000");
    }

    #[test]
    fn what_has_no_known_price_is_named() {
        let sum =
            |cost, unpriced| UsageSum { requests: 2, input: 1_500, cached: 0, output: 40, cost, unpriced };
        let line = |model: &str, sum| UsageLine {
            day: None,
            agent: None,
            flow: None,
            model: Some(model.into()),
            sender: None,
            sum,
        };
        let lines = vec![line("a/small", sum(20_000, 0)), line("b/large", sum(0, 2))];
        let by = vec![UsageBy::Model];
        let listed = UsageListed { since: 0, by, lines, total: sum(20_000, 2) };
        let drawn = human(&listed).replace(BOLD, "").replace(PLAIN, "").replace(DIM, "").replace(ALERT, "");
        let expected = "MODEL    REQUESTS  INPUT  CACHED  OUTPUT          COST\n\
            a/small         2  1 500       0      40      0.02 USD\n\
            b/large         2  1 500       0      40             ?\n\
            all             2  1 500       0      40  0.02 USD + ?\n\
            + ?: 2 requests have no known price; `models.prices` in carapace.json5 says it\n\
            since 1970-01-01, days in UTC\n";
        assert_eq!(drawn, expected);
    }
}
