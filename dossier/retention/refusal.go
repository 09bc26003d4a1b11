package retention

import (
	"fmt"
	"time"

	"sohoa/dossier"
)

// A Refusal says why something is not done, with the law, in both languages.
type Refusal struct {
	Code   string
	VI, EN string
	kind   error // of package dossier
}

func (r *Refusal) Error() string { return r.EN + " / " + r.VI }

// Unwrap returns what kind of failure it is, in the words of package dossier.
func (r *Refusal) Unwrap() error { return r.kind }

// Say returns the reason in a language.
func (r *Refusal) Say(lang string) string {
	if lang == "en" {
		return r.EN
	}
	return r.VI
}

// The law that a refusal stands on where no rule's own is meant.
const (
	archives = "Luật Lưu trữ 33/2024/QH15"
	periods  = "TT 10/2022/TT-BNV"
)

func refused(kind error, code, vi, en string, args ...any) *Refusal {
	return &Refusal{Code: "retention-" + code, VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...), kind: kind}
}

// ByRole says that a role may not do something.
func ByRole(by dossier.Role, a Act) *Refusal {
	return refused(dossier.ErrForbidden, "role", "vai trò này không được làm việc đó (%s): lệnh giữ do kiểm tra hoặc quản trị đặt, xét hủy do văn thư hoặc quản trị",
		"this role may not do that (%s): holds are the auditor's and the administrator's, the review the clerk's and the administrator's", a)
}

// Unreasoned says that a reason is needed.
func Unreasoned(a Act) *Refusal {
	return refused(dossier.ErrInvalid, "reason", "việc này (%s) phải có lý do", "this (%s) needs a reason", a)
}

// Same says that one person may not both propose and approve.
func Same() *Refusal {
	return refused(dossier.ErrForbidden, "same", "người đề nghị hủy không được tự duyệt: việc xét hủy phải do hai người khác nhau (%s, quy định về hủy tài liệu lưu trữ)",
		"whoever proposed it may not approve it: a disposal is reviewed by two different people (%s, on the disposal of archival documents)", archives)
}

// Answered says that a proposal or hold was answered before, or is none.
func Answered() *Refusal {
	return refused(dossier.ErrConflict, "answered", "không có đề nghị hay lệnh giữ nào đang chờ với mã này", "nothing with this id waits for an answer: it was decided, lifted, or never was")
}

// Refuse says why a document may not be proposed, or go, at a time; nil if it
// may.
func (s Standing) Refuse(at time.Time) *Refusal {
	day := func(t time.Time) string { return t.In(dossier.VietNam).Format("02/01/2006") }
	switch until := s.Until(); {
	case !s.Disposed.IsZero():
		return refused(dossier.ErrConflict, "disposed", "giấy tờ đã được xét hủy ngày %s", "the document was disposed of on %s", day(s.Disposed))
	case s.State != dossier.Archived && s.State != dossier.Refused:
		return refused(dossier.ErrForbidden, "line", "giấy tờ còn đang được xử lý, chưa vào lưu trữ (%s)", "the document is still being worked on and not archived (%s)", archives)
	case s.Held:
		return refused(dossier.ErrForbidden, "held", "có lệnh giữ đang hiệu lực: không được hủy cho tới khi lệnh được gỡ, dù đã hết thời hạn lưu trữ (%s)",
			"a legal hold stands: nothing is destroyed until it is lifted, even if its time is over (%s)", archives)
	case s.Ended.IsZero():
		return refused(dossier.ErrForbidden, "open", "công việc chưa kết thúc: hồ sơ, hoặc một hồ sơ dùng lại giấy này, chưa có kết quả; thời hạn chỉ tính từ năm công việc kết thúc (%s)",
			"the work has not ended: the dossier, or one that uses this paper again, is not resolved; the period counts from the year in which the work ends (%s)", periods)
	case s.Rule.ID == "":
		return refused(dossier.ErrForbidden, "norule", "chưa có quy tắc thời hạn lưu trữ cho loại giấy tờ này, nên giấy tờ được giữ (%s)",
			"no rule says how long papers of this kind are kept, so it is kept (%s)", archives)
	case until.IsZero():
		return refused(dossier.ErrForbidden, "ever", "giấy tờ được lưu vĩnh viễn theo %s", "the document is kept for ever by %s", s.Rule.Cites())
	case at.Before(until):
		return refused(dossier.ErrForbidden, "early", "chưa hết thời hạn lưu trữ: %d năm kể từ hết năm %d, tức đến hết ngày %s, theo %s (%s)",
			"its time is not over: %d years from the end of %d, which is to the end of %s, by %s (%s)",
			s.Rule.Years, s.Ended.In(dossier.VietNam).Year(), day(until.AddDate(0, 0, -1)), s.Rule.Cites(), periods)
	case s.Busy:
		return refused(dossier.ErrConflict, "busy", "máy đang làm việc với giấy tờ này: thử lại sau ít phút", "the machine is at work on this document: try again in a few minutes")
	}
	return nil
}
