//! Is the shared database in order: reached, trusted, of the right version and time. Each finding with how to mend it.

use std::time::Instant;

use kefu_shared::{Address, SCHEMA, Setting, Shared, SharedError};
use kefu_sync::wire::Greeting;

use super::refresh;
use crate::desk::Desk;
use crate::wire::{CheckLine, Failure};

/// Clocks may differ by so much before it is told: half of what the server takes.
const CLOCK_MS: u64 = 150_000;

fn good(what: &str, found: impl Into<String>) -> CheckLine {
    CheckLine { what: what.into(), good: true, found: found.into(), mend: String::new() }
}

fn bad(what: &str, found: impl Into<String>, mend: &str) -> CheckLine {
    CheckLine { what: what.into(), good: false, found: found.into(), mend: mend.into() }
}

impl Desk {
    /// Looks at the shared database from this device and says what is in order and how to mend what is not.
    ///
    /// # Errors
    /// [`crate::wire::Code::NoWorkspace`]; the local database does not answer.
    pub async fn check_workspace(&self) -> Result<Vec<CheckLine>, Failure> {
        let open = self.open()?;
        let place = open.place_or_waiting().await?;
        let address = Address::of(&place.server, &place.password);
        let begun = Instant::now();
        let mut shared = match Shared::connect(&address, place.id).await {
            Ok(shared) => shared,
            Err(error) => return Ok(vec![unreached(&error, &place.server.address)]),
        };
        let mut lines =
            vec![good("reach", format!("已连接 {}（{} 毫秒）。", place.server.address, begun.elapsed().as_millis()))];
        lines.push(if address.host.starts_with('/') {
            good("tls", "经本机套接字连接，不经过网络。")
        } else {
            good("tls", "TLS 已启用，证书与主机名相符。")
        });
        let greeting = Greeting { device: place.seat.device, epoch: 0, marks: Vec::new(), own: Vec::new() };
        let asked = self.now().timestamp_millis();
        match shared.hello(&greeting).await {
            Ok(hello) => {
                lines.push(good("login", "登录名有效，本机在工作区内。"));
                lines.push(good("schema", format!("共享库版本 {SCHEMA}，与本程序相符。")));
                let server = i64::try_from(hello.welcome.now_ms).unwrap_or(asked);
                let off = server.abs_diff(asked);
                lines.push(if off <= CLOCK_MS {
                    good("clock", format!("本机与服务器时间相差 {} 秒。", off / 1000))
                } else {
                    bad(
                        "clock",
                        format!("本机与服务器时间相差 {} 秒。", off / 1000),
                        "请校准本机时间（打开自动对时）；若其他设备也如此，请校准服务器时间。",
                    )
                });
                let Setting { version, left } = shared.setting().await?;
                let (major, minor) = (version / 10_000, version % 10_000);
                lines.push(if major < 14 {
                    bad("version", format!("PostgreSQL {major}。"), "请升级到 PostgreSQL 14 或更新。")
                } else {
                    good("version", format!("PostgreSQL {major}.{minor}。"))
                });
                lines.push(if left == 0 {
                    good("rights", "成员的登录名没有多余的权限。")
                } else {
                    bad(
                        "rights",
                        format!("成员的登录名仍可调用 {left} 个可能妨碍他人的函数。"),
                        "请由数据库的超级用户再运行一次“升级共享库”；云数据库若不允许收回，请换用自管的 PostgreSQL。",
                    )
                });
                lines.push(match refresh(&open, &place, &mut shared).await {
                    Ok(roster) => good("members", format!("成员记录 {} 条，逐条验证无误。", roster.head().seq)),
                    Err(failure) => bad(
                        "members",
                        format!("成员记录未通过验证（{}）。", failure.params.get("detail").map_or("", String::as_str)),
                        "请不要继续同步，立即联系管理员核对服务器是否被替换或回退。",
                    ),
                });
            }
            Err(error) => lines.push(refused(&error)),
        }
        shared.close().await;
        Ok(lines)
    }
}

fn unreached(error: &SharedError, address: &str) -> CheckLine {
    match error {
        SharedError::Tls => bad(
            "tls",
            format!("{address} 的证书不可信，没有发送口令。"),
            "请核对：证书是否过期、主机名是否与证书一致、颁发机构是否就是邀请里的那一个。",
        ),
        SharedError::Login => bad(
            "login",
            "服务器不接受本机的登录名。",
            "本机可能已被停用，或服务器迁移时没有带上登录名（pg_dumpall --roles-only）；请联系管理员。",
        ),
        SharedError::Missing => bad("reach", "服务器上没有这个库。", "请核对库名，或先恢复备份。"),
        SharedError::Busy => bad("reach", "服务器连接数已满。", "请调大 max_connections，或在前面加 PgBouncer。"),
        other => bad(
            "reach",
            format!("连不上 {address}（{other}）。"),
            "请检查网络、防火墙与端口；服务器上 listen_addresses 与 pg_hba.conf（hostssl）须允许本机。",
        ),
    }
}

fn refused(error: &SharedError) -> CheckLine {
    match error {
        SharedError::NoSeat => {
            bad("login", "登录名有效，但本机不在工作区内。", "尚未批准，或已被停用；请管理员查看成员页。")
        }
        SharedError::TooOld { found } => {
            bad("schema", format!("共享库版本 {found}，比本程序新。"), "请升级本机的程序。")
        }
        SharedError::Newer { found } => {
            bad("schema", format!("共享库版本 {found}，比本程序旧。"), "请管理员运行“升级共享库”。")
        }
        other => bad("login", format!("服务器没有应答（{other}）。"), "请稍候再试；仍如此请查看服务器日志。"),
    }
}
