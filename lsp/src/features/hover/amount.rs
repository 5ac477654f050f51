//! Durations and money in words.

/// `1 day 2 hours` of milliseconds.
pub fn duration_words(ms: i64) -> String {
    const UNITS: [(&str, u64); 6] = [
        ("week", 604_800_000),
        ("day", 86_400_000),
        ("hour", 3_600_000),
        ("minute", 60_000),
        ("second", 1_000),
        ("millisecond", 1),
    ];
    let mut rest = ms.unsigned_abs();
    let mut words = Vec::new();
    for (unit, size) in UNITS {
        // Weeks only where nothing is left over: nobody says `2 weeks 1 day 3 hours`.
        if unit == "week" && !rest.is_multiple_of(size) {
            continue;
        }
        let count = rest / size;
        rest %= size;
        if count > 0 {
            words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if words.is_empty() {
        return "no time at all".to_owned();
    }
    format!("{}{}", if ms < 0 { "minus " } else { "" }, words.join(" "))
}

/// Names of one and of several, by ISO 4217.
const CURRENCIES: [(&str, &str, &str); 20] = [
    ("AUD", "Australian dollar", "Australian dollars"),
    ("BRL", "Brazilian real", "Brazilian reais"),
    ("CAD", "Canadian dollar", "Canadian dollars"),
    ("CHF", "Swiss franc", "Swiss francs"),
    ("CNY", "yuan", "yuan"),
    ("CZK", "Czech crown", "Czech crowns"),
    ("DKK", "Danish crown", "Danish crowns"),
    ("EUR", "euro", "euros"),
    ("GBP", "pound", "pounds"),
    ("HUF", "forint", "forints"),
    ("INR", "rupee", "rupees"),
    ("JPY", "yen", "yen"),
    ("KRW", "won", "won"),
    ("MXN", "Mexican peso", "Mexican pesos"),
    ("NOK", "Norwegian crown", "Norwegian crowns"),
    ("PLN", "zloty", "zlotys"),
    ("SEK", "Swedish crown", "Swedish crowns"),
    ("TRY", "Turkish lira", "Turkish liras"),
    ("USD", "US dollar", "US dollars"),
    ("ZAR", "rand", "rands"),
];

/// `50 euros`; of a currency that has no name here, its letters.
pub fn money_words(amount: &str, currency: &str) -> String {
    let name = CURRENCIES.iter().find(|(code, _, _)| *code == currency);
    match name {
        Some((_, one, _)) if amount == "1" => format!("1 {one}"),
        Some((_, _, many)) => format!("{} {many}", grouped(amount)),
        None => format!("{} of the currency {currency}", grouped(amount)),
    }
}

/// The whole part in groups of three.
fn grouped(amount: &str) -> String {
    let (whole, fraction) = match amount.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (amount, String::new()),
    };
    let mut out = String::new();
    let count = whole.chars().count();
    for (at, digit) in whole.chars().enumerate() {
        let left = count.saturating_sub(at);
        if at > 0 && left.is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + &fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_say_them() {
        for (ms, words) in [
            (0, "no time at all"),
            (500, "500 milliseconds"),
            (90_000, "1 minute 30 seconds"),
            (86_400_000, "1 day"),
            (1_209_600_000, "2 weeks"),
            (777_600_000, "9 days"),
            (-3_600_000, "minus 1 hour"),
        ] {
            assert_eq!(duration_words(ms), words);
        }
    }

    #[test]
    fn money_is_said_with_the_name_of_its_currency() {
        assert_eq!(money_words("1", "EUR"), "1 euro");
        assert_eq!(money_words("1234567.50", "USD"), "1,234,567.50 US dollars");
        assert_eq!(money_words("5", "XTS"), "5 of the currency XTS");
    }
}
