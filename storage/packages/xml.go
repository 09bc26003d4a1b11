package packages

import (
	"bytes"
	"encoding/xml"
)

// A node is an element of an XML file.
type node struct {
	name  string
	attrs []string // name, value, …
	text  string
	kids  []*node
}

// el makes an element with attributes, given as names and values. Attributes
// without a value are left out.
func el(name string, attrs ...string) *node {
	n := &node{name: name}
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			n.attrs = append(n.attrs, attrs[i], attrs[i+1])
		}
	}
	return n
}

// say makes an element of text.
func say(name, text string, attrs ...string) *node {
	n := el(name, attrs...)
	n.text = text
	return n
}

// with adds elements, leaving out nil ones.
func (n *node) with(kids ...*node) *node {
	for _, k := range kids {
		if k != nil {
			n.kids = append(n.kids, k)
		}
	}
	return n
}

// file writes n as the root of a file.
func (n *node) file() []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	n.write(&b, "")
	return b.Bytes()
}

func (n *node) write(b *bytes.Buffer, indent string) {
	b.WriteString(indent + "<" + n.name)
	for i := 0; i < len(n.attrs); i += 2 {
		b.WriteString(" " + n.attrs[i] + `="`)
		escape(b, n.attrs[i+1])
		b.WriteString(`"`)
	}
	switch {
	case len(n.kids) > 0:
		b.WriteString(">\n")
		for _, k := range n.kids {
			k.write(b, indent+"  ")
		}
		b.WriteString(indent + "</" + n.name + ">\n")
	case n.text != "":
		b.WriteString(">")
		escape(b, n.text)
		b.WriteString("</" + n.name + ">\n")
	default:
		b.WriteString("/>\n")
	}
}

// escape writes text; what XML 1.0 cannot hold becomes U+FFFD.
func escape(b *bytes.Buffer, s string) { _ = xml.EscapeText(b, []byte(s)) } // a Buffer takes all
