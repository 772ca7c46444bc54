//! The log: what the program did, never what a customer said. One file a day in the desk's folder, a week kept.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};

/// Starts the log. Keep the guard: dropping it writes what is still waiting.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let folder = folder.join("logs");
    std::fs::create_dir_all(&folder).ok()?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("kefu-desk")
        .filename_suffix("log")
        .max_log_files(7)
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    // Warnings of our own crates only: libraries log statements and addresses.
    let filter = tracing_subscriber::filter::Targets::new()
        .with_target("kefu_app", tracing::Level::INFO)
        .with_target("kefu_local", tracing::Level::INFO)
        .with_target("kefu_desk", tracing::Level::INFO);
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines).try_init().ok()?;
    Some(guard)
}
