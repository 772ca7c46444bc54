//! Calls that reach the program from outside: an address `kefu://call?…` as an argument of this start or of a second
//! one, or by the system's own event on macOS. The address names the caller and is never logged.

use kefu_app::{Desk, SCHEME};
use tauri::{AppHandle, Emitter, Manager};

use crate::window;

/// Event for the window: a call waits. It carries nothing; the window asks for the call.
const CALL: &str = "call";

/// Takes in the calls among the arguments of a start. True if there was an address, good or bad.
pub(crate) fn answer<S: AsRef<str>>(app: &AppHandle, arguments: impl IntoIterator<Item = S>) -> bool {
    let mut any = false;
    for argument in arguments {
        if is_address(argument.as_ref()) {
            any = true;
            announce(app, argument.as_ref());
        }
    }
    any
}

/// Hears of calls that the system hands over as an event (macOS; elsewhere they come as arguments).
pub(crate) fn listen(app: &AppHandle) {
    #[cfg(target_os = "macos")]
    {
        use tauri_plugin_deep_link::DeepLinkExt;
        let heard = app.clone();
        app.deep_link().on_open_url(move |event| {
            answer(&heard, event.urls().iter().map(|url| url.as_str().to_string()));
        });
    }
    #[cfg(not(target_os = "macos"))]
    let _ = app;
}

fn announce(app: &AppHandle, address: &str) {
    let Some(desk) = app.try_state::<Desk>() else { return };
    match desk.announce(address) {
        Ok(()) => {
            window::raise(app);
            let _ = app.emit_to(window::LABEL, CALL, ());
        }
        Err(why) => tracing::warn!(%why, "an address of a call was refused"),
    }
}

fn is_address(argument: &str) -> bool {
    argument.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_arguments() {
        assert!(is_address("kefu://call?from=110") && is_address("KEFU:call"));
        assert!(!is_address("--data") && !is_address("/srv/kefu://x") && !is_address("kefu"));
    }
}
