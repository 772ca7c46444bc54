//! Verifies the log and what was folded from it, and says in words what is wrong.

use kefu_local::Finding;

use crate::desk::Desk;
use crate::wire::{Failure, VerifyReport};

impl Desk {
    /// Reads everything again.
    ///
    /// # Errors
    /// The database does not answer at all.
    pub async fn verify(&self) -> Result<VerifyReport, Failure> {
        let verified = self.open()?.store.verify().await?;
        let problems = verified.findings.iter().map(sentence).collect();
        Ok(VerifyReport { changes: verified.changes, records: verified.records, erased: verified.erased, problems })
    }
}

/// A finding as a sentence.
pub fn sentence(finding: &Finding) -> String {
    let named = |form: &Option<String>| form.as_ref().map(|number| format!("（{number}）")).unwrap_or_default();
    match finding {
        Finding::Altered { device, seq, form } => format!("终端 {device} 第 {seq} 条变更{}被改动过", named(form)),
        Finding::Removed { device, from, to } if from == to => format!("终端 {device} 第 {from} 条变更被删除"),
        Finding::Removed { device, from, to } => format!("终端 {device} 第 {from} 至 {to} 条变更被删除"),
        Finding::CutOff { device, found, expected } => {
            format!("终端 {device} 的变更只到第 {found} 条，原有 {expected} 条，末尾被截去")
        }
        Finding::Shortened { device, expected } => {
            format!("终端 {device} 的变更曾到第 {expected} 条，某次开启时发现末尾缺失（见文件 head.lost-{expected}）")
        }
        Finding::HeadLost => "记录变更数的文件 head 缺失或被改动，无法确认末尾是否完整".into(),
        Finding::RecordDiffers { record, form } => format!("记录 {record}{}与其变更不符", named(form)),
        Finding::IndexDiffers { form } => format!("列表中的 {form} 与其记录不符"),
        Finding::Page(page) => format!("数据库文件损坏：{page}"),
    }
}
