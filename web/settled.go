package web

import (
	"html/template"
	"strings"
	"text/template/parse"
)

// settled puts the words of a language into its templates once, where each rendering would
// look up the same: a page has a hundred of them. What is unknown stays, and is an error
// when it is asked for.
func settled(t *template.Template, lang string) {
	for _, one := range t.Templates() {
		if one.Tree != nil && one.Tree.Root != nil {
			settle(one.Tree.Root, lang)
		}
	}
}

func settle(list *parse.ListNode, lang string) {
	if list == nil {
		return
	}
	for i, node := range list.Nodes {
		switch x := node.(type) {
		case *parse.ActionNode:
			text, ok := constant(x.Pipe, lang)
			if ok && (i == 0 || !openValue(list.Nodes[i-1])) {
				list.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: x.Pos, Text: []byte(template.HTMLEscapeString(text))}
			}
		case *parse.IfNode:
			settle(x.List, lang)
			settle(x.ElseList, lang)
		case *parse.RangeNode:
			settle(x.List, lang)
			settle(x.ElseList, lang)
		case *parse.WithNode:
			settle(x.List, lang)
			settle(x.ElseList, lang)
		}
	}
}

// openValue reports whether text ends where an attribute's value begins without quotes:
// there a word is escaped otherwise.
func openValue(n parse.Node) bool {
	text, ok := n.(*parse.TextNode)
	return ok && strings.HasSuffix(string(text.Text), "=")
}

// constant is what an action writes that is the same in each rendering: a word, a language,
// the address of a file that is served for ever.
func constant(p *parse.PipeNode, lang string) (string, bool) {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 {
		return "", false
	}
	args := p.Cmds[0].Args
	name, ok := args[0].(*parse.IdentifierNode)
	if !ok {
		return "", false
	}
	text := ""
	if len(args) == 2 {
		word, ok := args[1].(*parse.StringNode)
		if !ok {
			return "", false
		}
		text = word.Text
	}
	switch {
	case name.Ident == "t" && len(args) == 2 && has(text):
		return say(lang, text), true
	case name.Ident == "static" && len(args) == 2:
		return "/static/" + versioned(text), true
	case name.Ident == "style" && len(args) == 1:
		return "/static/" + versioned("app.css"), true
	case name.Ident == "script" && len(args) == 1:
		return "/static/" + versioned("app.js"), true
	case name.Ident == "lang" && len(args) == 1:
		return lang, true
	}
	return "", false
}
