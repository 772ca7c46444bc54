//! 登记编号 `KF-YYYYMMDD-终端码-流水`: given once, offline, at registration; never reused, never changed.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

/// Number of a form. The day and the serial are counted by the device whose code stands in it, so that two devices
/// never need to ask each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FormNumber {
    /// Day of registration in the desk's zone.
    pub day: NaiveDate,
    /// Device code.
    pub device: DeviceCode,
    /// 1, 2, 3, … within a day and device; at least four digits are written.
    pub serial: u32,
}

/// Not the number of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a form number is KF-YYYYMMDD-device-serial")]
pub struct BadNumber;

impl FromStr for FormNumber {
    type Err = BadNumber;

    /// Reads a number as written; letters of either case and width.
    fn from_str(text: &str) -> Result<Self, BadNumber> {
        let text = crate::text::to_half_width(text).trim().to_ascii_uppercase();
        let mut parts = text.split('-');
        let (Some("KF"), Some(day), Some(device), Some(serial), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadNumber);
        };
        Ok(FormNumber {
            day: NaiveDate::parse_from_str(day, "%Y%m%d").map_err(|_| BadNumber)?,
            device: device.parse().map_err(|_| BadNumber)?,
            serial: serial.parse().map_err(|_| BadNumber)?,
        })
    }
}

impl FormNumber {
    /// The device code in a number as written.
    pub fn device_in(number: &str) -> Option<&str> {
        number.split('-').nth(2)
    }
}

/// Short code of a device in form numbers: one to four of A–Z and 0–9.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceCode(String);

/// Not a device code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a device code is one to four of A-Z and 0-9")]
pub struct BadDeviceCode;

impl FromStr for DeviceCode {
    type Err = BadDeviceCode;

    fn from_str(text: &str) -> Result<Self, BadDeviceCode> {
        let code = crate::text::to_half_width(text).trim().to_ascii_uppercase();
        let sound = (1..=4).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        sound.then_some(DeviceCode(code)).ok_or(BadDeviceCode)
    }
}

impl fmt::Display for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for FormNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KF-{}-{}-{:04}", self.day.format("%Y%m%d"), self.device, self.serial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_on_paper() {
        let number = FormNumber {
            day: NaiveDate::from_ymd_opt(2026, 11, 2).unwrap(),
            device: " a03 ".parse().unwrap(),
            serial: 7,
        };
        assert_eq!(number.to_string(), "KF-20261102-A03-0007");
        assert_eq!(" kf-20261102-ａ03-0007 ".parse(), Ok(number.clone()));
        for bad in ["", "KF-20261102-A03", "KF-20261332-A03-0001", "KF-20261102-A03-0001-2", "FW-20261102-A03-0001"] {
            assert_eq!(bad.parse::<FormNumber>(), Err(BadNumber), "{bad}");
        }
        assert_eq!(FormNumber { serial: 12_345, ..number }.to_string(), "KF-20261102-A03-12345");
    }

    #[test]
    fn device_codes_are_short_and_plain() {
        for bad in ["", "A-3", "终1", "ABCDE", "A 3"] {
            assert_eq!(bad.parse::<DeviceCode>(), Err(BadDeviceCode), "{bad}");
        }
        assert_eq!("ａ１".parse::<DeviceCode>().unwrap().to_string(), "A1");
    }
}
