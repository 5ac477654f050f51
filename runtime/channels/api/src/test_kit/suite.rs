//! All checks.

use super::breach::{Breach, Found};
use super::stage::Stage;
use super::{files, hearing, life, speaking};
use std::pin::Pin;

type Check = (&'static str, fn(Box<dyn Stage>) -> Pin<Box<dyn Future<Output = Found>>>);

macro_rules! checks {
    ($($module:ident: $($name:ident),+;)+) => {
        &[$($((stringify!($name), |stage| Box::pin($module::$name(stage)))),+),+]
    };
}

const CHECKS: &[Check] = checks! {
    hearing: a_text_comes_in_byte_for_byte,
             what_was_refused_comes_again_and_nothing_overtakes_it,
             its_own_messages_do_not_come_back;
    speaking: a_text_goes_out_whole,
              a_text_that_is_too_long_is_refused_and_not_cut,
              nothing_and_nobody_are_refused,
              what_stands_can_be_changed_as_declared,
              a_preview_is_no_message,
              a_button_comes_back_under_our_id,
              the_same_key_is_the_same_message;
    files: a_file_goes_out_whole, a_file_that_came_is_brought_whole_and_within_its_limit;
    life: it_says_how_it_is_and_ends_when_asked,
          it_runs_once,
          it_can_be_run_again_and_has_lost_nothing,
          a_checkup_says_something_and_takes_nothing_away,
          who_was_never_there_leaves_nothing_to_forget;
};

/// Runs every check, each on a stage of its own; what was broken.
pub async fn conform<F: Future<Output = Box<dyn Stage>>>(mut stage: impl FnMut() -> F) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (check, run) in CHECKS {
        if let Err(message) = run(stage().await).await {
            breaches.push(Breach { check, message });
        }
    }
    breaches
}
