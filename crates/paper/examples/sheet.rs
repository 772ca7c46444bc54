//! Draws sample forms into a folder, to be looked at: `cargo run -p kefu-paper --example sheet -- FOLDER`.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::path::PathBuf;
use std::time::Instant;

use kefu_paper::Press;
use samples::{Sample, long_text};

#[expect(clippy::print_stdout, reason = "an example reports to its terminal")]
fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let start = Instant::now();
    let Ok(press) = Press::new() else { return Err(std::io::Error::other("damaged fonts")) };
    let voided = Sample { voided: true, ..Sample::handled() };
    let forms = [
        ("ordinary", Sample::ordinary()),
        ("again", Sample::ordinary()),
        ("blank", Sample::blank()),
        ("handled", Sample::handled()),
        ("voided", voided),
        ("long", Sample::described(&long_text(4_000))),
        ("longest", Sample::described(&long_text(20_000))),
    ];
    println!("press {:?}", start.elapsed());
    for (name, form) in forms {
        let start = Instant::now();
        let bytes = form.draw(&press);
        println!("{name}: {:?}, {} bytes", start.elapsed(), bytes.len());
        std::fs::write(folder.join(name).with_extension("pdf"), bytes)?;
    }
    Ok(())
}
