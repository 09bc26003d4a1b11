package packages

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"sohoa/storage/ledger"
)

// ledger holds the proofs of a package against keys, and the files of documents
// against the events that they prove. A package without proofs is not blamed.
func (l *look) ledger(at string) error {
	l.proven, l.texts = map[string]bool{}, map[string]string{}
	any := false
	for _, name := range l.names {
		if path.Dir(name) != at+"/proofs" || !strings.HasSuffix(name, ".proof") {
			continue
		}
		if !any {
			any = true
			if err := l.ownKeys(at); err != nil {
				return err
			}
		}
		if err := l.proof(name); err != nil {
			return err
		}
	}
	if !any {
		return nil
	}
	l.documents()
	return l.committed()
}

// ownKeys takes the keys of the package if nobody gave any.
func (l *look) ownKeys(at string) error {
	if len(l.keys) > 0 {
		return nil
	}
	l.out.Own = true
	if !l.has(at + "/keys") {
		return nil
	}
	b, err := l.read(at+"/keys", mostKeys)
	l.keys = strings.Fields(string(b))
	return err
}

func (l *look) proof(name string) error {
	b, err := l.read(name, mostSmall)
	if err != nil {
		return err
	}
	p, err := ledger.ParseProof(b)
	var e ledger.Event
	var c ledger.Checkpoint
	if err == nil {
		e, c, err = p.Check(l.keys)
	}
	if err != nil {
		l.found(FoundProof, name, "bằng chứng không đúng: "+err.Error(), "the proof does not hold: "+err.Error())
		return nil
	}
	l.out.Proofs++
	l.out.Origin, l.out.Size = c.Origin, c.Size
	if e.Kind != ledger.Move {
		return nil
	}
	for _, m := range e.Made {
		l.proven[m.Sum] = true
	}
	if e.Text != "" {
		l.texts[textKey(e.Document, e.Version)] = e.Text
	}
	return nil
}

func textKey(document string, version int64) string { return fmt.Sprintf("%s:%d", document, version) }

// documents looks for every file of a document among the proven ones.
func (l *look) documents() {
	for _, name := range l.names {
		dir := strings.Split(name, "/")
		inBag := len(dir) == 5 && dir[0] == "data" && dir[1] == "documents" && (dir[3] == original || dir[3] == archival || dir[3] == data)
		inRep := len(dir) > 3 && dir[0] == "representations" && dir[2] == "data"
		if (inBag || inRep) && !l.proven[fmt.Sprintf("%x", l.sums[name].sha256)] {
			l.found(FoundUnproven, name, "không sự kiện nào trong sổ có tệp này", "no proven event of the ledger has this file")
		}
	}
}

// committed opens the commitments of proven events with the texts in the package.
func (l *look) committed() error {
	if !l.has("data/record.json") {
		return nil
	}
	b, err := l.read("data/record.json", mostListing)
	if err != nil {
		return err
	}
	var r toldRecord
	if json.Unmarshal(b, &r) != nil {
		l.found(FoundForm, "data/record.json", "không đọc được", "it cannot be read")
		return nil
	}
	for _, p := range r.Papers {
		name := fmt.Sprintf("data/documents/%03d/fields/%s.%03d.committed.json", p.Number, r.Dossier, p.Number)
		if !l.has(name) {
			continue
		}
		b, err := l.read(name, mostListing)
		if err != nil {
			return err
		}
		var said []Said
		if json.Unmarshal(b, &said) != nil {
			l.found(FoundForm, name, "không đọc được", "it cannot be read")
			continue
		}
		for _, s := range said {
			switch l.texts[textKey(string(p.Document), s.Version)] {
			case ledger.Commit(s.Salt, s.Why, s.Fields):
			case "":
				l.found(FoundUnproven, name, fmt.Sprintf("không sự kiện nào trong sổ cam kết lời của lần %d", s.Version),
					fmt.Sprintf("no proven event commits to the text of version %d", s.Version))
			default:
				l.found(FoundCommitted, name, fmt.Sprintf("lời hoặc trường của lần %d không phải điều sổ cam kết", s.Version),
					fmt.Sprintf("text or fields of version %d are not what the ledger commits to", s.Version))
			}
		}
	}
	return nil
}
