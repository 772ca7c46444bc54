//! The five source regulations told as stories, one file each: what they ask for is done the way they ask for it, and
//! what they forbid is refused. Each assertion carries the R number that it stands for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod office;
mod s0_customer_communication;
mod s1_after_sales_service;
mod s2_complaint_procedure;
mod s3_operator_service;
mod s4_telephone_service;
