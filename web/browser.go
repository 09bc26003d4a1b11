package web

import (
	"fmt"
	"net/http"
	"strings"
)

// browsers and systems are told apart by what they say of themselves, the first
// that fits: Edge says that it is Chrome, Chrome that it is Safari.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"coc_coc", "Cốc Cốc"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"},
		{"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = [][2]string{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iOS"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

// program is the kind of browser that is none.
const program = "program"

// browserOf is the kind of browser that asks: its name and system, without
// version, so that it stays the same when it is updated. A session is of use in
// one kind only: a stolen cookie is worth a little less.
func browserOf(r *http.Request) string {
	said := r.UserAgent()
	find := func(list [][2]string) string {
		for _, x := range list {
			if strings.Contains(said, x[0]) {
				return x[1]
			}
		}
		return ""
	}
	name := find(browsers)
	if name == "" {
		return program
	}
	return name + "/" + find(systems)
}

// browserWords puts a kind of browser into words.
func browserWords(lang, kind string) string {
	name, system, _ := strings.Cut(kind, "/")
	switch {
	case name == program || name == "":
		return say(lang, "account.program")
	case system == "":
		return name
	}
	return fmt.Sprintf(say(lang, "account.on"), name, system)
}
