package finding

// The codes. What a PDF does by itself (ISO 32000-1 12.6.4; ISO 19005-2 6.5):
const (
	JavaScript  Code = "javascript"
	Launch      Code = "launch"
	ImportData  Code = "import-data"
	SubmitForm  Code = "submit-form"
	GoToE       Code = "goto-embedded"
	Media       Code = "media"
	Scene       Code = "scene"
	AutoAction  Code = "auto-action" // AA: at an event
	OpenAction  Code = "open-action"
	OtherAction Code = "other-action" // Hide, SetOCGState, ResetForm, Trans, Named but for paging
	XFA         Code = "xfa"
)

// What leads out of it, or would bring in what is not in it:
const (
	Link         Code = "link"          // an area to click on
	WebAddress   Code = "web-address"   // a URI action
	RemoteLink   Code = "remote-link"   // GoToR: into another file
	ExternalData Code = "external-data" // a stream whose bytes are in another file (7.3.8.2)
	ExternalFile Code = "external-file" // a file specification without the file (7.11)
	ReferencePic Code = "reference-xobject"
	OPI          Code = "opi"
)

// Other files in it:
const (
	EmbeddedFile   Code = "embedded-file"
	EmbeddedBroken Code = "embedded-broken" // cannot be taken out
	Collection     Code = "collection"      // a portfolio (12.3.5)
)

// What is on a page besides its content:
const (
	FormField  Code = "form-field"
	Note       Code = "note"
	HiddenNote Code = "hidden-note"
)

// What is hidden:
const (
	Revision       Code = "revision"    // an earlier state of the file that shows or says something else
	OrphanPage     Code = "orphan-page" // a page that no reader shows
	HiddenLayer    Code = "hidden-layer"
	OutsideText    Code = "outside-text"    // letters outside the page's box
	OutsidePicture Code = "outside-picture" // a picture outside the page's box
	HiddenText     Code = "hidden-text"     // letters that are not painted, or lie under a picture
	LeadingBytes   Code = "leading-bytes"   // before %PDF
	TrailingBytes  Code = "trailing-bytes"  // after the last %%EOF
	WebText        Code = "web-text"        // a web page's words at the start of the file
)

// What is odd about a page or the file:
const (
	UserUnit   Code = "user-unit"
	Restricted Code = "restricted" // rights are withheld by an owner's password
	Decrypted  Code = "decrypted"
	Mended     Code = "repaired"
	LostObject Code = "lost-object" // an object that no page needs and that is not there
)

// A kind is what is done about a code, and its words.
type kind struct {
	done           Done
	vi, en         string
	viMore, enMore string // behind what is done
	once           bool   // there can be but one: the count is not said

	unit   [2]string // what is counted, if not the thing itself: Vietnamese, English
	detail [2]string // what the details are
}

var (
	letters = [2]string{"ký tự", "letters"}
	octets  = [2]string{"byte", "bytes"}
)

var table = map[Code]kind{
	JavaScript:  {done: Removed, vi: "mã lệnh JavaScript", en: "JavaScript"},
	Launch:      {done: Removed, vi: "lệnh mở chương trình khác", en: "a call of another program"},
	ImportData:  {done: Removed, vi: "lệnh nhập dữ liệu", en: "an import of data"},
	SubmitForm:  {done: Removed, vi: "biểu mẫu tự gửi dữ liệu đi", en: "a form that sends itself away"},
	GoToE:       {done: Removed, vi: "lối vào một tệp nhúng", en: "a way into an embedded file"},
	Media:       {done: Removed, vi: "âm thanh hoặc phim", en: "sound or video"},
	Scene:       {done: Removed, vi: "cảnh 3D", en: "a 3D scene"},
	AutoAction:  {done: Removed, vi: "thao tác tự chạy khi có sự kiện", en: "actions that start by themselves"},
	OpenAction:  {done: Removed, vi: "thao tác tự chạy khi mở tệp", en: "an action that starts on opening", once: true},
	OtherAction: {done: Removed, vi: "thao tác làm đổi cách hiển thị", en: "an action that changes what is shown"},
	XFA:         {done: Removed, vi: "biểu mẫu XFA", en: "an XFA form", viMore: "; giữ đúng nội dung đang hiển thị", enMore: "; what is shown is kept", once: true},

	Link:         {done: Removed, vi: "vùng liên kết", en: "an area that is a link", viMore: "; chữ vẫn còn", enMore: "; its text stays"},
	WebAddress:   {done: Removed, vi: "địa chỉ ngoài tệp", en: "an address outside the file", viMore: "; chữ vẫn còn", enMore: "; its text stays"},
	RemoteLink:   {done: Removed, vi: "liên kết sang tệp khác", en: "a link into another file", viMore: "; chữ vẫn còn", enMore: "; its text stays"},
	ExternalData: {done: Told, vi: "nội dung nằm ở tệp khác, không có trong tệp này", en: "content that lies in another file and is not in this one"},
	ExternalFile: {done: Told, vi: "trỏ tới tệp khác không kèm theo", en: "a reference to another file that did not come along"},
	ReferencePic: {done: Told, vi: "hình thay cho trang của tệp khác", en: "a picture that stands for a page of another file"},
	OPI:          {done: Told, vi: "hình thay tạm cho bản nằm ở nhà in (OPI)", en: "a picture that stands in for one at a print shop (OPI)"},

	EmbeddedFile:   {done: Beside, vi: "tệp nhúng", en: "an embedded file"},
	EmbeddedBroken: {done: Told, vi: "tệp nhúng không lấy ra được, chỉ còn trong tệp gốc", en: "an embedded file that cannot be taken out; it is only in the file as it came"},
	Collection:     {done: Told, vi: "tệp là một gói nhiều tệp; trang bìa được lưu trữ", en: "the file is a portfolio of files; its cover is what is archived", once: true},

	FormField:  {done: Drawn, vi: "ô của biểu mẫu", en: "a form field"},
	Note:       {done: Drawn, vi: "ghi chú", en: "a note"},
	HiddenNote: {done: Removed, vi: "ghi chú hoặc ô đang ẩn", en: "a note or field that is not shown"},

	Revision:       {done: Told, vi: "bản trước của tệp, hiển thị hoặc ghi khác", en: "an earlier state of the file that shows or says something else", detail: [2]string{"trang", "pages"}, viMore: "; chỉ bản cuối được lưu trữ", enMore: "; the last state is what is archived"},
	OrphanPage:     {done: Told, vi: "trang có trong tệp nhưng không được hiển thị", en: "a page that is in the file and not shown"},
	HiddenLayer:    {done: Told, vi: "lớp đang tắt", en: "a layer that is switched off"},
	OutsideText:    {done: Told, vi: "chữ nằm ngoài khung trang, không ai thấy", en: "text outside the page's box that nobody sees", unit: letters},
	OutsidePicture: {done: Told, vi: "hình nằm ngoài khung trang, không ai thấy", en: "a picture outside the page's box that nobody sees"},
	HiddenText:     {done: Told, vi: "chữ ẩn", en: "hidden text", unit: letters},
	LeadingBytes:   {done: Told, vi: "dữ liệu thừa trước đầu tệp PDF", en: "something before the beginning of the PDF", unit: octets},
	TrailingBytes:  {done: Told, vi: "dữ liệu thừa sau cuối tệp PDF", en: "something behind the end of the PDF", unit: octets},
	WebText:        {done: Told, vi: "mã trang web ở đầu tệp", en: "words of a web page at the file's beginning", once: true},

	UserUnit:   {done: Kept, vi: "đơn vị trang riêng", en: "a unit of its own for the page's size", viMore: "; kích thước thật được giữ", enMore: "; its true size stays", once: true},
	Restricted: {done: Told, vi: "người tạo tệp hạn chế quyền bằng mật khẩu", en: "whoever made the file withheld rights by a password", once: true},
	Decrypted: {done: Kept, vi: "tệp có mật khẩu, đã được mở", en: "the file was encrypted and has been opened", once: true,
		viMore: " cả bản gốc lẫn bản đã mở", enMore: ", both as it came and opened"},
	Mended: {done: Repaired, vi: "cấu trúc tệp bị hỏng", en: "the file's structure was damaged", once: true,
		viMore: "; đủ số trang, không mất nội dung trang nào", enMore: "; every page is there and no page lost anything"},
	LostObject: {done: Told, vi: "phần bị mất mà không trang nào dùng", en: "a lost part that no page uses"},
}
