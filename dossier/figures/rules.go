package figures

import (
	"time"

	"sohoa/dossier"
)

// day is midnight in Viet Nam.
func day(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, dossier.VietNam)
}

// applied is the day from which QĐ 766/QĐ-TTg (23/6/2022) is applied.
var applied = day(2022, 8, 1)

// indicators are all figures, with the days between which they hold. A formula
// that changes gets a line of its own; no line is ever edited after its day.
//
// The formulas of QĐ 766 follow a public transcription of unconfirmed
// authority, since the appendix could not be read; that is their Grade. Where
// it does not say how points follow from a rate, none are told.
var indicators = []Indicator{
	{Key: "dossiers", Family: Everyday, VI: "Hồ sơ được số hóa", EN: "Dossiers digitised", Decimals: 1, Grade: OwnDefinition,
		Law: "TT 01/2023/TT-VPCP Đ.4, TT 03/2025/TT-VPCP Đ.5: what is to be digitised", Stands: DossierDigitised},
	{Key: "results", Family: Everyday, VI: "Kết quả được số hóa", EN: "Results digitised", Decimals: 1, Grade: OwnDefinition,
		Law: "NĐ 107/2021/NĐ-CP, TT 01/2023/TT-VPCP", Stands: ResultDigitised},
	{Key: "on-time", Family: Everyday, VI: "Giải quyết đúng hạn", EN: "Resolved on time", Decimals: 1, Grade: Transcribed,
		Law: "QĐ 766/QĐ-TTg, 2.1: NgayKetThucXuLy ≤ NgayHenTra", Stands: OnTime},
	{Key: "online", Family: Everyday, VI: "Hồ sơ nộp trực tuyến", EN: "Filed online", Decimals: 1, Grade: Transcribed, Target: 50,
		Law: "QĐ 766/QĐ-TTg, 3.3", Stands: FiledOnline},
	{Key: "reuse-rate", Family: Everyday, VI: "Hồ sơ dùng lại giấy tờ đã có", EN: "Dossiers that use a held paper again", Decimals: 1, Grade: OwnDefinition,
		Law: "NĐ 107/2021/NĐ-CP; Luật 91/2025/QH15: nobody is asked twice", Stands: Reuses},
	{Key: "level-4", Family: Everyday, VI: "Dịch vụ công trực tuyến mức độ 4", EN: "Online services of level 4", Decimals: 1, Grade: Unread, Target: 30,
		Law: "NQ 17/NQ-CP (2019): 30 % in 2020", To: day(2021, 1, 1), Procedure: fullService},
	{Key: "level-4", Family: Everyday, VI: "Dịch vụ công trực tuyến mức độ 4", EN: "Online services of level 4", Decimals: 1, Grade: Unread, Target: 100,
		Law: "NQ 01/NQ-CP (2021): 100 % of those that qualify, in 2021", From: day(2021, 1, 1), To: day(2022, 8, 15), Procedure: fullService},
	{Key: "full-service", Family: Everyday, VI: "Thủ tục cung cấp toàn trình", EN: "Procedures offered wholly online", Decimals: 1, Grade: Unread,
		Law: "NĐ 42/2022/NĐ-CP", From: day(2022, 8, 15), To: day(2026, 7, 1), Procedure: fullService},
	{Key: "full-service", Family: Everyday, VI: "Thủ tục cung cấp toàn trình", EN: "Procedures offered wholly online", Decimals: 1, Grade: Unread,
		Law: "NĐ 224/2026/NĐ-CP (takes the place of NĐ 42/2022 by Điều 90.2)", From: day(2026, 7, 1), Procedure: fullService},

	{Key: "ORIGINAL_RESULT_AVAILABLE", Family: QD766, VI: "Hồ sơ có cấp kết quả giải quyết điện tử", EN: "Dossiers with an electronic result", From: applied,
		Law: "QĐ 766/QĐ-TTg, 4.1", Grade: Transcribed, Decimals: 2, Max: 6, Needs: Synced, Stands: ElectronicResult},
	{Key: "SO_HOA_GIAY_TO_GIAI_QUYET", Family: QD766, VI: "Hồ sơ thực hiện số hóa hồ sơ", EN: "Dossiers digitised, papers and result", From: applied,
		Law: "QĐ 766/QĐ-TTg, 4.2", Grade: Transcribed, Decimals: 2, Max: 4, Full: 80, Stands: WhollyDigitised},
	{Key: "ELECTRONIC_CERTIFIED_COPY", Family: QD766, VI: "Cung cấp dịch vụ chứng thực bản sao điện tử", EN: "Certified electronic copies offered", From: applied,
		Law: "QĐ 766/QĐ-TTg; no formula was found", Grade: Transcribed, Decimals: 2, Max: 2},
	{Key: "REUSED_DIGITIZED_DATA", Family: QD766, VI: "Khai thác, sử dụng lại dữ liệu số hóa", EN: "Digitised data used again", From: applied,
		Law: "QĐ 766/QĐ-TTg, 4.3", Grade: Transcribed, Decimals: 2, Max: 2, Full: 80, Stands: ReusedData},
	{Key: "SYNCED_WITH_DVCQG_PERSONAL_STORAGE", Family: QD766, VI: "Hồ sơ số hóa có kết nối, chia sẻ phục vụ tái sử dụng", EN: "Digitised dossiers shared for reuse", From: applied,
		Law: "QĐ 766/QĐ-TTg, 4.4", Grade: Transcribed, Decimals: 2, Max: 4, Needs: Synced | Store, Stands: Shared},
	{Key: "CITIZEN_DATA_CONNECTED_FORMALITY", Family: QD766, VI: "Thủ tục hành chính kết nối dữ liệu dân cư", EN: "Procedures joined to the population data", From: applied,
		Law: "QĐ 766/QĐ-TTg, 4.5a", Grade: Transcribed, Decimals: 2, Max: 2, Needs: Store | Identified | Subjects, Procedure: connectedProcedure},
	{Key: "CITIZEN_DATA_CONNECTED_DOSSIER", Family: QD766, VI: "Hồ sơ kết nối dữ liệu dân cư", EN: "Dossiers joined to the population data", From: applied,
		Law: "QĐ 766/QĐ-TTg, 4.5b", Grade: Transcribed, Decimals: 2, Max: 2, Needs: Store | Identified, Stands: Connected},
}

// received says whether f stands outside figures over dossiers received in p.
func received(f Fact, p Period, counts bool) Why {
	switch {
	case !p.Contains(f.Received):
		return OutOfPeriod
	case counts:
		return Counts
	}
	return Missing
}

// OnTime says how f stands to the rate of dossiers resolved on time: over those
// resolved in p that had an appointment, those resolved by it.
func OnTime(f Fact, p Period) Why {
	switch {
	case f.Resolved.IsZero():
		return NotResolved
	case !p.Contains(f.Resolved):
		return OutOfPeriod
	case f.Due.IsZero():
		return NoAppointment
	case f.Resolved.After(f.Due):
		return Missing
	}
	return Counts
}

// FiledOnline says how f stands to the share of dossiers received in p that
// were filed online.
func FiledOnline(f Fact, p Period) Why { return received(f, p, f.Channel == dossier.Online) }

// Reuses says how f stands to the everyday rate of reuse: over dossiers received
// in p with a component to digitise, those of which at least one was filled by
// a paper held already.
func Reuses(f Fact, p Period) Why {
	if p.Contains(f.Received) && f.ToDigitise == 0 {
		return f.nothing()
	}
	return received(f, p, f.Reused > 0)
}

// ElectronicResult is QĐ 766, 4.1: over dossiers received in p whose procedure
// must end in a document, those whose result the national portal has taken with
// its file.
func ElectronicResult(f Fact, p Period) Why {
	if p.Contains(f.Received) && !f.ResultIsDocument {
		return NothingToDo
	}
	return received(f, p, f.ResultDigitised && f.ResultSynced)
}

// WhollyDigitised is QĐ 766, 4.2: over all dossiers received in p, those that
// have at least one file in their components and, where the procedure ends in a
// document, the result's file too.
func WhollyDigitised(f Fact, p Period) Why {
	return received(f, p, f.Attached > 0 && (!f.ResultIsDocument || f.ResultDigitised))
}

// ReusedData is QĐ 766, 4.3: over all dossiers received in p, those with at
// least one component that was used again.
func ReusedData(f Fact, p Period) Why { return received(f, p, f.Reused > 0) }

// Shared is QĐ 766, 4.4: over all dossiers received in p, those with a component
// out of the national personal store or a result that the portal has taken.
func Shared(f Fact, p Period) Why { return received(f, p, f.FromStore || f.ResultSynced) }

// Connected is QĐ 766, 4.5b: over all dossiers received in p, those joined to
// the population data.
func Connected(f Fact, p Period) Why { return received(f, p, f.joined()) }

func (f Fact) joined() bool { return f.FromStore || f.Identified }

// connectedProcedure is QĐ 766, 4.5a: over the procedures that citizens may use,
// those with a dossier in p that is joined to the population data.
func connectedProcedure(c Procedure, facts []Fact, p Period) Why {
	if !c.Citizens {
		return NothingToDo
	}
	for _, f := range facts {
		if Connected(f, p) == Counts {
			return Counts
		}
	}
	return Missing
}

// fullService is the share of procedures that are wholly online: level 4 before
// NĐ 42/2022/NĐ-CP, "toàn trình" since. Procedures that only inform are no
// online service.
func fullService(c Procedure, _ []Fact, _ Period) Why {
	switch c.Level {
	case dossier.Full:
		return Counts
	case dossier.Partial:
		return Missing
	}
	return NothingToDo
}
