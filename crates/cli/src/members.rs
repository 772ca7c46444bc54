//! `kefu member`: the members of the desk as JSON lines, out and in.

use std::path::Path;

use kefu_app::Desk;
use kefu_app::wire::{Code, Failure, Member, MemberRequest, SignInRequest};

use crate::arguments::NewMember;
use crate::{commands, complain, line, words};

/// A line per member: what `list` and `export` print and `import` reads.
pub(crate) async fn list(desk: &Desk) -> Result<(), Failure> {
    desk.members().await?.members.iter().for_each(show);
    Ok(())
}

/// Enrols a member, with an initial passphrase where one is given.
pub(crate) async fn add(desk: &Desk, member: NewMember) -> Result<(), Failure> {
    let NewMember { name, employee_number, post, department, roles, passphrase_env } = member;
    let passphrase = passphrase_env.map(|name| std::env::var(name).unwrap_or_default());
    // Asked before anything is written, so that no member is left without the sign-in he was to have.
    if passphrase.as_deref().is_some_and(|passphrase| passphrase.chars().count() < kefu_app::MIN_PASSPHRASE) {
        return Err(Failure::new(Code::WeakPassphrase));
    }
    let phone_extension = String::new();
    let request =
        MemberRequest { id: None, name, employee_number, post, department, phone_extension, roles, active: true };
    let mut member = desk.save_member(request).await?;
    if let Some(passphrase) = passphrase {
        desk.give_sign_in(SignInRequest { id: member.id, passphrase }).await?;
        member.sign_in = true;
    }
    show(&member);
    Ok(())
}

/// Enrols or changes the members of a file. False where some lines were refused and said so already.
pub(crate) async fn import(desk: &Desk, file: &Path) -> Result<bool, Failure> {
    let text = commands::read(file)?;
    let mut all_good = true;
    kefu_app::import_members(desk, &text, |result| match result {
        Ok(member) => show(member),
        Err(failure) => {
            all_good = false;
            complain(&words::failure(failure).to_string());
        }
    })
    .await?;
    Ok(all_good)
}

fn show(member: &Member) {
    line(&serde_json::to_value(member).unwrap_or_default());
}
