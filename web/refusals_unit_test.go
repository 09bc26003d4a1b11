package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// refusalCodes finds every code with which a file or a paper is refused anywhere in the
// house, by where it stands in the source: [jail.Refusal] with a literal, or a constant of
// its own package or another.
func refusalCodes(t *testing.T) map[string]string {
	t.Helper()
	constants, uses := map[string]string{}, map[string]string{} // by package and name; the same, where it is used
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && (strings.HasPrefix(e.Name(), ".") && e.Name() != ".." || e.Name() == "node_modules" || e.Name() == "bench") {
			if err == nil {
				err = filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if i < len(n.Values) {
						if lit, ok := n.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
							constants[f.Name.Name+"."+name.Name], _ = strconv.Unquote(lit.Value)
						}
					}
				}
			case *ast.CompositeLit:
				if named(n.Type) != "Refusal" {
					return true
				}
				for _, x := range n.Elts {
					kv, ok := x.(*ast.KeyValueExpr)
					if !ok || named(kv.Key) != "Code" {
						continue
					}
					switch v := kv.Value.(type) {
					case *ast.BasicLit:
						code, _ := strconv.Unquote(v.Value)
						constants["."+code] = code
						uses["."+code] = path
					case *ast.Ident:
						uses[f.Name.Name+"."+v.Name] = path
					case *ast.SelectorExpr:
						uses[named(v.X)+"."+v.Sel.Name] = path
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for name, path := range uses {
		if code := constants[name]; code != "" {
			codes[code] = path
		}
	}
	return codes
}

func named(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

// TestRefusalsHaveWords: whatever is refused, whoever brought it is told why and what to
// do in their own language, never in the English of the log.
func TestRefusalsHaveWords(t *testing.T) {
	codes := refusalCodes(t)
	if len(codes) < 40 {
		t.Errorf("%d codes: this proves little: %v", len(codes), codes)
	}
	for code, path := range codes {
		if strings.HasSuffix(code, "-") || code == "page.other" { // the beginning of several; what a child says to its parent alone
			continue
		}
		if !has("error."+code) || !has("error."+code+".do") {
			t.Errorf("%s refuses with %q, of which no page has words", path, code)
		}
	}
}
