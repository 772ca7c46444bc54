//! Is the shared database in order: reached, trusted, of the right version and time, with the rights and settings that it should
//! have. Each finding with how to mend it.

use std::time::Instant;

use kefu_local::Workspace;
use kefu_shared::{Address, SCHEMA, Setting, Shared, SharedError};
use kefu_sync::wire::Greeting;

use super::refresh;
use crate::desk::Desk;
use crate::wire::{CheckLine, Code, Failure};

/// Clocks may differ by so much before it is told: half of what the server takes.
const CLOCK_MS: u64 = 150_000;

/// How a right that is too much is taken away.
const AGAIN: &str = "请由数据库的超级用户再运行一次“升级共享库”；若仍在，是直接授予该登录名的，请用 REVOKE 收回。";

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
        let inside = self.greeted(&mut shared, &place, &mut lines).await;
        match shared.setting().await {
            Ok(setting) => lines.extend(server(&setting, inside)),
            Err(error) if inside == Inside::Yes => lines.push(refused(&error)),
            Err(_) => {} // the greeting had no answer either, and that is told
        }
        if inside == Inside::Yes {
            lines.push(match refresh(&open, &place, &mut shared).await {
                Ok(roster) => good("members", format!("成员记录 {} 条，逐条验证无误。", roster.head().seq)),
                Err(failure) if failure.code == Code::RosterFalse => bad(
                    "members",
                    format!("成员记录未通过验证（{}）。", failure.params.get("detail").map_or("", String::as_str)),
                    "请不要继续同步，立即联系管理员核对服务器是否被替换或回退。",
                ),
                Err(_) => bad("members", "成员记录没有取到，无从验证。", "请先处理其他各项，再检查一次。"),
            });
        }
        shared.close().await;
        Ok(lines)
    }

    /// Says hello and tells of login, schema and time.
    async fn greeted(&self, shared: &mut Shared, place: &Workspace, lines: &mut Vec<CheckLine>) -> Inside {
        let greeting = Greeting { device: place.seat.device, epoch: 0, marks: Vec::new(), own: Vec::new() };
        let asked = self.now().timestamp_millis();
        let hello = match shared.hello(&greeting).await {
            Ok(hello) => hello,
            Err(error) => {
                lines.push(refused(&error));
                return if matches!(error, SharedError::Newer { .. }) { Inside::Older } else { Inside::No };
            }
        };
        lines.push(good("login", "登录名有效，本机在共享台内。"));
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
        Inside::Yes
    }
}

/// What became of the greeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Yes,
    No,
    /// The schema is older than this program, and may lack functions that come with an upgrade.
    Older,
}

/// What the server shows to whoever has logged in.
fn server(setting: &Setting, inside: Inside) -> Vec<CheckLine> {
    let (major, minor) = (setting.version / 10_000, setting.version % 10_000);
    let mut lines = vec![if major < 14 {
        bad("version", format!("PostgreSQL {major}.{minor}。"), "请升级到 PostgreSQL 14 或更新。")
    } else {
        good("version", format!("PostgreSQL {major}.{minor}。"))
    }];
    lines.push(if setting.risky.is_empty() {
        good("storage", "服务器断电不会丢失已确认的变更。")
    } else {
        bad(
            "storage",
            format!("服务器关闭了 {}：断电可能丢失已确认的变更。", setting.risky.join("、")),
            "请在 postgresql.conf 里改为 on 并重新载入；若是对库或登录名单独设置的，请用 ALTER DATABASE、ALTER ROLE 的 RESET 取消。",
        )
    });
    let rights = rights(setting, inside);
    if rights.is_empty() {
        lines.push(good("rights", "成员的登录名没有多余的权限，也不缺权限。"));
    }
    lines.extend(rights);
    lines
}

/// The first few of what lies in the schema, and how many there are.
fn named(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(4).map(|name| format!("kefu.{name}")).collect();
    let more = if names.len() > shown.len() { format!(" 等 {} 个", names.len()) } else { String::new() };
    shown.join("、") + &more
}

/// A line for each kind of right that is too much, or missing.
fn rights(setting: &Setting, inside: Inside) -> Vec<CheckLine> {
    let line = |there: bool, found: String, mend: &str| there.then(|| bad("rights", found, mend));
    let above = [
        line(
            setting.raised,
            "成员的登录名带有超级用户、建库、建角色、复制或绕过行级安全的属性。".into(),
            "请由数据库的超级用户收回：ALTER ROLE … NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS。",
        ),
        line(
            !setting.roles.is_empty(),
            format!("成员的登录名还属于角色 {}。", setting.roles.join("、")),
            "请由数据库的超级用户移出：REVOKE 该角色 FROM 该登录名。",
        ),
    ];
    if above.iter().any(Option::is_some) {
        return above.into_iter().flatten().collect(); // whatever else it may comes from there
    }
    let mut makes: Vec<String> = setting.schemas.iter().map(|name| format!("{name} 里的对象")).collect();
    makes.extend(setting.creates.then(|| "模式（schema）".to_owned()));
    makes.extend(setting.temporary.then(|| "临时表".to_owned()));
    let lines = [
        line(
            setting.functions > 0,
            format!("成员的登录名仍可调用 {} 个可能妨碍他人的函数。", setting.functions),
            "请由数据库的超级用户再运行一次“升级共享库”；云数据库若不允许收回，请换用自管的 PostgreSQL。",
        ),
        line(
            !setting.tables.is_empty(),
            format!("成员的登录名可以直接读写表 {}，本应一张也不能。", named(&setting.tables)),
            AGAIN,
        ),
        line(!makes.is_empty(), format!("成员的登录名可以在库里新建：{}。", makes.join("、")), AGAIN),
        line(
            inside != Inside::Older && !setting.lacking.is_empty(),
            format!("成员的登录名不能调用 {}，同步会缺一部分。", named(&setting.lacking)),
            "请管理员再运行一次“升级共享库”，权限会重新授予。",
        ),
        line(
            !setting.unguarded.is_empty(),
            format!("表 {} 没有强制行级安全。", named(&setting.unguarded)),
            "请管理员再运行一次“升级共享库”，行级安全会重新打开。",
        ),
    ];
    lines.into_iter().flatten().collect()
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
            bad("login", "登录名有效，但本机不在共享台内。", "尚未批准，或已被停用；请管理员查看成员页。")
        }
        SharedError::TooOld { found } => {
            bad("schema", format!("共享库版本 {found}，比本程序新。"), "请升级本机的程序。")
        }
        SharedError::Forbidden => bad(
            "rights",
            "共享库不许本机的登录名调用它需要的函数。",
            "请管理员再运行一次“升级共享库”，权限会重新授予。",
        ),
        SharedError::Newer { found } => {
            bad("schema", format!("共享库版本 {found}，比本程序旧。"), "请管理员运行“升级共享库”。")
        }
        other => bad("login", format!("服务器没有应答（{other}）。"), "请稍候再试；仍如此请查看服务器日志。"),
    }
}
