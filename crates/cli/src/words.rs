//! Refusals in words, for whoever reads the terminal or its log.

use kefu_app::wire::{Code, Failure, FieldError, Problem};
use serde_json::{Value, json};

/// A refusal as a line of JSON: code, sentence, and the places concerned.
pub(crate) fn failure(failure: &Failure) -> Value {
    let mut out = json!({"code": failure.code, "message": message(failure)});
    if !failure.fields.is_empty() {
        out["fields"] = json!(failure.fields);
    }
    if let Some(line) = failure.params.get("line").and_then(|line| line.parse::<u64>().ok()) {
        out["line"] = json!(line);
    }
    out
}

fn message(failure: &Failure) -> String {
    let param = |name: &str| failure.params.get(name).map(String::as_str).unwrap_or_default();
    match failure.code {
        Code::NotSetUp => "此文件夹中没有登记台，请先运行 kefu init。".into(),
        Code::AlreadySetUp => "此文件夹中已有登记台，原有数据未作改动；请换一个文件夹。".into(),
        Code::Locked => "登记台已锁定：请用环境变量 KEFU_PASSPHRASE 提供口令。".into(),
        Code::WrongPassphrase => "口令不正确，数据未作改动。".into(),
        Code::WrongRecoveryCode => "恢复码不正确，数据未作改动。".into(),
        Code::TooSoon => format!("口令多次不正确，请在 {} 秒后再试。", param("seconds")),
        Code::WeakPassphrase => "口令至少 8 个字符，请用环境变量提供。".into(),
        Code::BadDeviceCode => "终端码须为 1 至 4 位字母或数字。".into(),
        Code::KeysUnreadable => "密钥文件 keys.json 缺失或损坏，数据库未作改动；请从备份恢复该文件。".into(),
        Code::DatabaseUnreadable => "数据库无法用其密钥读取，或文件已损坏；未作任何改动，请从备份恢复。".into(),
        Code::DatabaseNewer => "数据库由更新版本的程序写成，未作改动；请升级本程序。".into(),
        Code::DiskFull => "磁盘已满，这一步没有保存；已给出编号的表单不受影响。请腾出空间后重试。".into(),
        Code::Storage => "读写数据库时出错；已给出编号的表单不受影响。请检查磁盘与文件夹权限后重试。".into(),
        Code::InvalidFields => failure.fields.iter().map(field).collect::<Vec<_>>().join("；"),
        Code::NotEmpty => "登记台中已有登记表，演示数据只能写入空的登记台；未作任何改动。".into(),
        Code::NotFound => "没有找到。".into(),
        Code::NotAllowed => "需要管理员：请用管理员的口令再试，未作任何改动。".into(),
        Code::NoSeat => "没有这位在职成员，或其在本机没有设置口令；未作任何改动。".into(),
        Code::PassphraseRequired => "需要本人的口令，未作任何改动。".into(),
        Code::LastAdmin => "至少要保留一位能在本机开启登记台的管理员，未作任何改动。".into(),
        Code::SeveralMembers => {
            format!("有几位成员都符合“{}”，请改用工号或编号（id）。", param("member"))
        }
        Code::NotNow => "登记表当前状态不允许此操作。".into(),
        Code::Denied => denied(failure),
        Code::ReasonRequired => "请填写原因。".into(),
        Code::Masked => "客户信息对当前成员隐去，不能打印或改写；请由有需要的同事操作。".into(),
        Code::StillOpen => format!("{} 尚未关闭，未删除任何内容。请先办结。", param("number")),
        Code::StillKept if param("day").is_empty() => format!("{} 须永久保存，未删除任何内容。", param("number")),
        Code::StillKept => format!("{} 须保存至 {}，未删除任何内容。", param("number"), param("day")),
        Code::NothingChanged => "内容没有变化，未写入。".into(),
        Code::AttachmentTooLarge => "附件超过 20 MB，未保存。".into(),
        Code::BadJson => {
            format!("JSON 无法读取（{}）；出错位置之前的表单如已给出编号则已登记，其余未登记。", param("place"))
        }
        Code::SharedUnreachable => {
            "连不上共享库；本机的登记照常保存，没有丢失。请检查网络、地址与端口，然后重试。".into()
        }
        Code::SharedTls => {
            "共享库的证书不可信，没有发送口令，也没有写入。请核对主机名与证书颁发机构，或联系管理员。".into()
        }
        Code::SharedLogin => {
            "共享库不接受这个登录名或口令，没有写入。请核对后重试；已被停用的设备不能恢复，须作为新设备重新加入。"
                .into()
        }
        Code::SharedNoSeat => "本机不在这个共享台内（尚未批准、已被停用，或服务器恢复了旧备份）；本机数据都在。请向管理员要一份邀请，用 `kefu shared ask --invite` 重新请求。".into(),
        Code::SharedBusy => "共享库正忙，没有写入。请稍候再试。".into(),
        Code::SharedTooOld => "共享库由更新版本的程序建立，没有改动。请升级本程序。".into(),
        Code::SharedOlder => "共享库还没有安装，或版本过旧。请由管理员运行“建立或升级共享库”。".into(),
        Code::SharedMayNotInstall => {
            "这个登录名无权安装共享库，没有改动。请改用超级用户，或库的所有者且可建角色（CREATEROLE）的登录名。".into()
        }
        Code::SharedFailed => {
            format!("共享库出错（代码 {}），本机数据没有变动。请把代码告诉数据库管理员。", param("code"))
        }
        Code::NoWorkspace => "本机还没有加入共享台，没有改动。请先建立共享台，或用邀请加入。".into(),
        Code::AlreadyShared => "本机已属于一个共享台，没有改动。一台设备只能属于一个共享台。".into(),
        Code::InviteUnreadable => "这不是完整的邀请，没有写入。请重新复制全部文字，或扫描二维码。".into(),
        Code::InviteOver => "邀请已过期、已被使用或已收回，没有写入。请向管理员要一份新的邀请。".into(),
        Code::InviteOther => "这份邀请不是给本机的：成员或共享台不同，没有改动。请管理员重新邀请本机的成员。".into(),
        Code::KitWrong => match param("detail") {
            "" => "这不是完整的恢复包，没有改动。请照抄全部四行。".into(),
            line => format!("恢复包第 {line} 行有误，没有改动。请对照纸上核对这一行。"),
        },
        Code::KitOther => "这是另一个共享台的恢复包，没有改动。请核对恢复包上的指纹。".into(),
        Code::RequestFalse => {
            "这份申请不是用本机发出的邀请做的，或在途中被改动，没有批准。请重新发邀请，当面交给对方。".into()
        }
        Code::DeviceCodeTaken => format!(
            "终端码 {} 已有别的设备使用，没有批准。请在新设备上换一个终端码，用新的邀请重新加入。",
            param("code")
        ),
        Code::RosterFalse => format!(
            "共享库给出的成员记录与本机所知不符（{}），没有采用；登记照常，没有丢失。\
             若服务器刚恢复过备份，管理员的电脑联网后会自动补回，否则请立即联系管理员。",
            param("detail")
        ),
        Code::MovedOn => "刚才有别人改动了成员名单，没有写入。请再试一次。".into(),
        Code::OwnDevice => "不能停用本机自己，没有改动。请在另一台管理员的设备上操作。".into(),
        Code::PaperFailed => "PDF 未能生成，登记内容不受影响。".into(),
        Code::PrinterUnavailable => "打印系统不可用，可另存为 PDF。".into(),
        Code::FileNotRead => {
            format!("输入文件未能读取（{}），没有登记任何表单。请检查路径与权限后重试。", param("detail"))
        }
        Code::FileNotWritten => format!("文件未能写入（{}）。", param("detail")),
        Code::Internal => "程序内部错误，这一步没有完成；已给出编号的表单不受影响。".into(),
    }
}

/// A sentence for each code of `Why`.
fn denied(failure: &Failure) -> String {
    let missing: Vec<&str> = failure.fields.iter().map(|error| error.field.as_str()).collect();
    let why = match failure.params.get("why").map(String::as_str).unwrap_or_default() {
        "wrong_state" => "登记表当前状态不允许此操作",
        "suspended" => "登记表已挂起，请先恢复",
        "wrong_role" => "您的角色不能做这一步",
        "not_your_department" => "登记表由其他部门办理",
        "not_assigned" => "登记表由其他人办理",
        "not_your_form" => "登记表由其他人登记",
        "not_follower" => "只有跟进人可以这样做",
        "not_addressee" => "没有转交给您，或已经有人接收",
        "not_delegated" => "只有接待或受托人可以关闭",
        "guard_missing" => return format!("还缺：{}；内容没有改动。", missing.join("、")),
        "same_person" => "需要由另一个人来做",
        "nothing_open" => "没有等待这一步的记录",
        "nothing_to_undo" => "上一步不能撤销，或之后已有新的记录",
        "not_author" => "只有本人或主管可以撤销",
        "customer_not_told" => "客户得到告知之前，首接人不能停止跟进",
        "query_open" => "有待核实的事项，核实后再答复客户",
        "no_consent" => "客户没有同意向第三方提供",
        "own_matter" => "这件事由您经办，回访和评分须由其他人记录或更改",
        "same_form" => "不能并入自己",
        "unknown_act" => "没有这一步，可能来自更新的版本",
        _ => "不能这样做",
    };
    format!("{why}；内容没有改动。")
}

fn field(error: &FieldError) -> String {
    let FieldError { field, problem, detail } = error;
    let detail = detail.as_deref().unwrap_or_default();
    match problem {
        Problem::Required => format!("{field} 必填"),
        Problem::WrongKind => format!("{field} 类型不对"),
        Problem::TooLong => format!("{field} 超过 {detail} 字"),
        Problem::UnknownOption => format!("{field} 没有“{detail}”这一选项"),
        Problem::NotAPhone => format!("{field} 不是电话号码"),
        Problem::NotAnEmail => format!("{field} 不是邮箱地址"),
        Problem::NotADate => format!("{field} 不是有效的日期时间"),
        Problem::OutOfRange => format!("{field} 超出范围"),
        Problem::InTheFuture => format!("{field} 在将来"),
        Problem::UnknownField => format!("{field} 不是表中的栏目"),
        Problem::Repeated => format!("{field} 重复"),
        Problem::NotYours => format!("{field} 由程序填写"),
        Problem::NotReserved => {
            format!("{field}：{detail} 不在本机待补录的纸质登记表里（已补录、已作废，或由别的登记台印出）")
        }
    }
}
