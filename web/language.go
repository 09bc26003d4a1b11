package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// languages of the pages; the first is that of who has not chosen.
var languages = [...]string{"vi", "en"}

// word is a text of the pages in each language.
type word struct{ vi, en string }

// words are all texts of the pages by key. An "error." key says what is wrong;
// with ".do", what to do about it. They are gathered when a page first speaks: a
// child says nothing of them.
var words = sync.OnceValue(func() map[string]word {
	all := map[string]word{}
	for _, part := range []func() map[string]word{
		wordsOfHouse, wordsOfWork, wordsOfErrors, wordsOfDesk, wordsOfOffice, wordsOfLasting, wordsOfVerify,
		wordsOfReview, wordsOfOwnText, wordsOfFigures, wordsOfDraft, wordsOfUploads, wordsOfShortcuts, wordsOfPhones, wordsOfFixity, wordsOfLedger, wordsOfFound,
		wordsOfSearch, wordsOfClosing, wordsOfImport, wordsOfCounter, wordsOfRetention, wordsOfRoom, wordsOfRestrictions, wordsOfPackages,
		wordsOfCharts, wordsOfPublic, wordsOfCitizens, wordsOfAccount, wordsOfPasskeys, wordsOfDeputies, wordsOfKeys, wordsOfV1, wordsOfHooks, wordsOfNotices, wordsOfNational, wordsOfPayments,
		wordsOfCapture, wordsOfCard, wordsOfReason, wordsOfPrecedent,
		wordsOfLine, wordsOfBatches, wordsOfTray, wordsOfProjects,
		wordsOfRecord, wordsOfNorms, wordsOfViewer,
	} {
		maps.Copy(all, part())
	}
	return all
})

func has(key string) bool { _, ok := words()[key]; return ok }

// say returns a text. A key without a text is its own text.
func say(lang, key string) string {
	w, ok := words()[key]
	switch {
	case !ok:
		return key
	case lang == "en":
		return w.en
	}
	return w.vi
}

// Word returns a text of the pages in a language ("vi", else "en"), for reports
// that say what the pages say; empty if there is none.
func Word(lang, key string) string {
	if !has(key) {
		return ""
	}
	return say(lang, key)
}

// languageOf returns the language of a visit: asked for in the address, else
// chosen before, else Vietnamese.
func languageOf(r *http.Request) string {
	chosen := r.URL.Query().Get("lang")
	if c, err := r.Cookie("lang"); chosen == "" && err == nil {
		chosen = c.Value
	}
	return known(chosen)
}

func known(lang string) string {
	if slices.Contains(languages[:], lang) {
		return lang
	}
	return languages[0]
}

// keepLanguage keeps a choice made in the address in a cookie.
func (s *server) keepLanguage(v *visit) {
	if chosen := v.r.URL.Query().Get("lang"); chosen == v.lang {
		http.SetCookie(v.w, &http.Cookie{Name: "lang", Value: chosen, Path: "/", MaxAge: 365 * 24 * 60 * 60,
			HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
	}
}

// otherLanguage returns the address of this page in the other language.
func otherLanguage(v *visit) string {
	u := *v.r.URL
	q := u.Query()
	q.Set("lang", languages[1])
	if v.lang == languages[1] {
		q.Set("lang", languages[0])
	}
	if v.r.Method != http.MethodGet {
		u.Path, q = "/", url.Values{"lang": q["lang"]}
	}
	return localPath(u.EscapedPath()) + "?" + q.Encode()
}

// bothLanguages stands between the English and the Vietnamese of what the machine
// noted, where a code alone does not say it all.
const bothLanguages = " ‖ "

// machineWords puts what the machine noted about a paper into words: a code of
// a refusal, with ":" and the page if one is meant, in front of English text, or
// of a text in both languages.
func machineWords(lang, text string) string {
	head, rest, _ := strings.Cut(text, " ")
	code, page, _ := strings.Cut(strings.TrimSuffix(head, ":"), ":")
	if !has("error." + code) {
		return text
	}
	out := say(lang, "error."+code)
	if n, err := strconv.Atoi(page); err == nil {
		out = strings.Replace(say(lang, "error.page"), "%d", strconv.Itoa(n), 1) + ": " + out
	}
	if en, vi, both := strings.Cut(rest, bothLanguages); both {
		if lang == "en" {
			return out + " " + en
		}
		return out + " " + vi
	}
	if lang == "en" && rest != "" {
		return out + " (" + rest + ")"
	}
	if do := say(lang, "error."+code+".do"); has("error." + code + ".do") {
		out += " " + do
	}
	return out
}
