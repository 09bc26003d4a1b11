package web

import (
	"net/url"

	"sohoa/web/api"
)

type v1Form struct {
	Reason string `json:"reason,omitempty" max:"1000" doc:"where the form has a place for it"`
	Day    string `json:"day,omitempty" format:"date" doc:"of what the form promises"`
}

// v1Sheets are the operations about what is printed and sealed, about orders at the desk,
// and about how the archive stands, which is an administrator's to see.
func (s *server) v1Sheets(k opKit) []v1Op {
	form := k.takes(k.op(act, "getForm", "POST", "/dossiers/{code}/forms/{form}", s.v1Form), v1Form{}).bytes("application/pdf")
	form.Params[1].Schema = &api.Schema{Type: "string", Enum: []string{"02", "03", "04", "05", "06", "07"}} // of TT 03/2025/TT-VPCP Phụ lục I
	form.Params = form.Params[:2]                                                                           // a form is printed as often as somebody asks
	return []v1Op{
		form,
		k.op(receive, "getSeparators", "GET", "/dossiers/{code}/separators", plain(s.separators)).bytes("application/pdf"),
		k.op(look, "getSealedFile", "GET", "/figures/closed/{month}/{version}/{file}", plain(s.sealedFile)).bytes("application/pdf, application/pkcs7-signature", "Repr-Digest"),
		k.op(look, "getOrder", "GET", "/desk/batches/{batch}", plain(s.deskBatch)).bytes("application/json"),
		k.op(manage, "listRenewals", "GET", "/renewals", plain(s.renewalList)).with(query("at", &api.Schema{Type: "string", Format: "date"}, "as it stands on that day")).bytes("application/json"),
		k.op(manage, "getFixity", "GET", "/fixity", plain(s.fixityShow)).bytes("application/json"),
	}
}

func (s *server) v1Form(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Form)
	v.fill(url.Values{"reason": {b.Reason}, "day": {dayMonth(b.Day)}})
	return nil, s.form(v)
}
