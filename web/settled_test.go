package web

import (
	"bytes"
	"html/template"
	"testing"
)

// A template whose words were put in once writes what it wrote before, byte for byte but for
// how a plus sign is written, and still fails on a word that nobody knows.
func TestSettled(t *testing.T) {
	const text = `{{define "layout"}}<p title="{{t "v1.rules"}}" lang={{t "lang.other"}} data-x="{{if .}}{{t "admin.restrictions"}}{{else}}{{lang}}{{end}}">{{t "v1.rules"}} {{t "restrict.lead"}} {{t .}} {{range list 1 2}}{{t "logout"}}{{end}}<link href="{{style}}"><img src="{{static "mark.svg"}}"></p>{{end}}`
	for _, lang := range languages {
		write := func(settle bool) string {
			m, err := template.New("x").Funcs(functions(lang)).Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if settle {
				settled(m, lang)
			}
			var b bytes.Buffer
			if err := m.ExecuteTemplate(&b, "layout", "menu.search"); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		if plain, once := write(false), write(true); plain != once || len(plain) < 200 {
			t.Errorf("%s:\n%s\n%s", lang, plain, once)
		}
	}
	m := template.Must(template.New("x").Funcs(functions("vi")).Parse(`{{t "no.such.word"}}`))
	settled(m, "vi")
	if err := m.Execute(&bytes.Buffer{}, nil); err == nil {
		t.Error("an unknown word is written")
	}
	n := 0
	pages, err := parsePages()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range pages["vi"]["dossiers"].Templates() {
		if one.Tree != nil && one.Tree.Root != nil {
			n += bytes.Count([]byte(one.Tree.Root.String()), []byte(`{{t "`))
		}
	}
	if n > 60 { // some stand behind a pipe; hundreds are words alone
		t.Errorf("%d words are looked up with each page", n)
	}
}
