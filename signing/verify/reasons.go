package verify

// A finding is a reason with the verdict it leads to.
type finding struct {
	code    string
	verdict Verdict
}

// What is found. The texts are in sentences.
var (
	structure     = finding{"structure", Invalid}
	remnant       = finding{"remnant", Invalid}
	none          = finding{"none", Indeterminate}
	tooMany       = finding{"too-many", Indeterminate}
	byteRange     = finding{"byte-range", Invalid}
	contents      = finding{"contents", Invalid}
	malformedCMS  = finding{"cms", Invalid}
	altered       = finding{"altered", Invalid}
	badValue      = finding{"signature", Invalid}
	otherCert     = finding{"certificate", Invalid}
	subFilter     = finding{"sub-filter", Indeterminate}
	notPAdES      = finding{"not-pades", Valid} // told, without weight
	unnamed       = finding{"unnamed", Valid}   // told, without weight
	algorithm     = finding{"algorithm", Indeterminate}
	soonWeak      = finding{"algorithm-ends", Valid} // told, without weight
	hidden        = finding{"hidden", Invalid}
	annotation    = finding{"annotation", Invalid}
	badTail       = finding{"update", Invalid}
	notPermitted  = finding{"not-permitted", Invalid}
	locked        = finding{"locked", Invalid}
	certification = finding{"certification", Invalid}
	rules         = finding{"rules", Invalid}
	unlisted      = finding{"unlisted", Valid} // a note
	active        = finding{"active", Valid}   // a note
	clock         = finding{"clock", Valid}    // told, without weight
	weakKey       = finding{"key", Indeterminate}
	signingTime   = finding{"signing-time", Indeterminate}
	usage         = finding{"usage", Invalid}
	noStamp       = finding{"no-time-stamp", Indeterminate}
	badStamp      = finding{"time-stamp", Invalid}
	unknownStamp  = finding{"time-stamp-authority", Indeterminate}
	unknownIssuer = finding{"issuer", Indeterminate}
	expired       = finding{"expired", Invalid}
	noRevocation  = finding{"no-revocation", Indeterminate}
	revoked       = finding{"revoked", Invalid}
	changed       = finding{"changed", Invalid}
	ended         = finding{"ended", Indeterminate}
	stampRevoked  = finding{"time-stamp-revoked", Indeterminate}
	endedStamp    = finding{"time-stamp-ended", Indeterminate}
	badEvidence   = finding{"evidence", Valid}  // a note
	continues     = finding{"continues", Valid} // a note
)

// sentences are the reasons in words: English, Vietnamese.
var sentences = map[string][2]string{
	"structure":            {"The file is damaged, or something stands after its end.", "Tệp bị hỏng hoặc có dữ liệu thừa sau phần kết thúc."},
	"remnant":              {"The file holds the remnant of a signature that its form no longer names.", "Tệp còn dấu vết của một chữ ký đã bị gỡ khỏi biểu mẫu."},
	"none":                 {"The file is not signed.", "Tệp chưa được ký."},
	"too-many":             {"The file has more signatures than are checked.", "Tệp có quá nhiều chữ ký để kiểm tra."},
	"byte-range":           {"The signature does not cover all of its version of the file.", "Chữ ký không bao trùm toàn bộ phiên bản tệp được ký."},
	"contents":             {"The signature is not where the file says it is.", "Chữ ký không nằm đúng vị trí mà tệp chỉ ra."},
	"cms":                  {"The signature cannot be read: it is malformed.", "Không đọc được chữ ký: chữ ký sai định dạng."},
	"altered":              {"The signed bytes were altered.", "Nội dung đã ký bị thay đổi."},
	"signature":            {"The signature was not made with the key of its certificate.", "Chữ ký không khớp với khóa của chứng thư số."},
	"certificate":          {"The certificate is not the one the signer used.", "Chứng thư số không phải là chứng thư người ký đã dùng."},
	"sub-filter":           {"The signature is of a kind that is not judged.", "Chữ ký thuộc loại không được kiểm tra."},
	"not-pades":            {"The signature is not of the PAdES kind.", "Chữ ký không thuộc loại PAdES."},
	"unnamed":              {"The signature does not say which certificate it was made with: another one of the same key would match too.", "Chữ ký không nêu chứng thư số đã dùng: chứng thư khác của cùng khóa cũng khớp."},
	"algorithm":            {"An algorithm or key was no longer strong enough at the time that is proven.", "Thuật toán hoặc độ dài khóa không còn đủ mạnh tại thời điểm được chứng minh."},
	"algorithm-ends":       {"An algorithm or key is expected to be too weak by the time that is proven.", "Thuật toán hoặc độ dài khóa được dự báo không còn đủ mạnh tại thời điểm được chứng minh."},
	"hidden":               {"After signing, a mark was added that can hide what was signed.", "Sau khi ký, tệp bị thêm hình có thể che nội dung đã ký."},
	"annotation":           {"After signing, an annotation was added that can hide or replace what was signed.", "Sau khi ký, tệp bị thêm chú thích có thể che hoặc thay nội dung đã ký."},
	"update":               {"What was appended after signing is no proper update: readers may see different things.", "Phần nối thêm sau khi ký không đúng cấu trúc: các phần mềm có thể hiển thị khác nhau."},
	"not-permitted":        {"The file was changed after signing in a way that the signer forbade.", "Tệp bị thay đổi sau khi ký theo cách người ký không cho phép."},
	"locked":               {"A form field was changed that the signer had locked.", "Ô biểu mẫu đã bị người ký khóa nhưng vẫn bị thay đổi."},
	"certification":        {"The file's certification is not what it should be.", "Chứng nhận của tệp không đúng quy cách."},
	"rules":                {"What the signer allows to be changed cannot be read.", "Không đọc được quy định của người ký về việc thay đổi tệp."},
	"unlisted":             {"The file is certified, but its catalog does not say so: some readers take it for an ordinary signature.", "Tệp có chữ ký chứng nhận nhưng danh mục tệp không ghi: một số phần mềm coi là chữ ký thường."},
	"active":               {"The file holds scripts or actions that can change what is seen.", "Tệp chứa mã lệnh hoặc hành động có thể thay đổi nội dung hiển thị."},
	"clock":                {"The signer claims another time than the time-stamp says.", "Thời điểm người ký tự khai khác với dấu thời gian."},
	"key":                  {"The signer's key is too weak or of an unknown kind.", "Khóa của người ký quá yếu hoặc không được hỗ trợ."},
	"signing-time":         {"The signature has an attribute that PAdES forbids.", "Chữ ký có thuộc tính mà PAdES không cho phép."},
	"usage":                {"The certificate is not for signing.", "Chứng thư số không dùng để ký."},
	"no-time-stamp":        {"There is no trusted time of signing.", "Không có dấu thời gian tin cậy."},
	"time-stamp":           {"The time-stamp does not belong to the signature.", "Dấu thời gian không thuộc về chữ ký này."},
	"time-stamp-authority": {"The time-stamp is not from a trusted authority.", "Dấu thời gian không do tổ chức tin cậy cấp."},
	"issuer":               {"The certificate is not from a trusted authority.", "Chứng thư số không do tổ chức tin cậy cấp."},
	"expired":              {"The certificate was not valid when it was signed.", "Chứng thư số không còn hiệu lực tại thời điểm ký."},
	"no-revocation":        {"Nothing proves that the certificates were not revoked.", "Chưa có bằng chứng chứng thư số không bị thu hồi."},
	"revoked":              {"The certificate had been revoked when it was signed.", "Chứng thư số đã bị thu hồi trước thời điểm ký."},
	"ended":                {"The certificate has ended, and nothing proves that it was signed before.", "Chứng thư số đã hết hạn và không có bằng chứng chữ ký được tạo trước đó."},
	"time-stamp-revoked":   {"A certificate of the time-stamp authority was revoked, and nothing proves that the time-stamp is older.", "Chứng thư số của tổ chức cấp dấu thời gian đã bị thu hồi và không có bằng chứng dấu thời gian được cấp trước đó."},
	"time-stamp-ended":     {"The certificate of the time-stamp authority has ended, and no later time-stamp covers it.", "Chứng thư số của tổ chức cấp dấu thời gian đã hết hạn và chưa có dấu thời gian mới bao trùm."},
	"evidence":             {"Some evidence in the file cannot be read.", "Một phần bằng chứng trong tệp không đọc được."},
	"continues":            {"The file continues after the last signature.", "Tệp còn phần được thêm sau chữ ký cuối cùng."},
	"changed":              {"The file was changed after signing in a way that is not allowed.", "Tệp bị thay đổi sau khi ký theo cách không được phép."},
}

// reason returns f in words, with a detail in English if there is one.
func (f finding) reason(detail string) Reason {
	s := sentences[f.code]
	r := Reason{f.code, s[0], s[1]}
	if detail != "" {
		r.English += " (" + detail + ")"
	}
	return r
}

func (s *Signature) find(f finding, detail string) {
	s.Verdict = worse(s.Verdict, f.verdict)
	s.Reasons = append(s.Reasons, f.reason(detail))
}

func (r *Report) find(f finding, detail string) {
	r.Verdict = worse(r.Verdict, f.verdict)
	r.Reasons = append(r.Reasons, f.reason(detail))
}

// note tells of f without letting it weigh on the verdict.
func (r *Report) note(f finding, detail string) {
	r.Notes = append(r.Notes, f.reason(detail))
}
