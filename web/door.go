package web

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"strings"
	"sync"
)

// doorStyle is the style of the first page, which is part of that page: whoever has nothing
// of the house yet waits for one answer, and not for a second one, before there is anything
// to see. The page's policy names its digest, so that no other style in a page counts. The
// style of all pages begins with the same rules.
func doorStyle() template.CSS { return template.CSS(doorRules()) }

var doorRules = sync.OnceValue(func() string {
	b, err := files.ReadFile("static/door.css")
	if err != nil {
		panic(err) // it is built in
	}
	return string(b)
})

// doorPolicy is [policy] for the page that has [doorStyle] in it (Content Security Policy
// Level 3, section 2.3.1, hash-source).
var doorPolicy = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(doorRules()))
	return strings.Replace(policy, "style-src 'self'", "style-src 'self' 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", 1)
})
