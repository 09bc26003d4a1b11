package pattern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sohoa/pattern"
)

func TestLate(t *testing.T) {
	digits := pattern.Late(`^\d+$`)
	if !digits().MatchString("12") || digits().MatchString("a") || digits() != digits() {
		t.Error("another expression")
	}
}

// Every expression of the house, in whatever room, is one: nobody finds out later.
func TestAll(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && len(d.Name()) > 2 && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isLate(call.Fun) {
				return true
			}
			seen++
			text, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: an expression that is not written out cannot be looked at here", path)
				return true
			}
			expr, err := strconv.Unquote(text.Value)
			if err == nil {
				_, err = regexp.Compile(expr)
			}
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 40 {
		t.Errorf("%d expressions seen, %v", seen, err)
	}
}

func isLate(f ast.Expr) bool {
	s, ok := f.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "Late" {
		return false
	}
	room, ok := s.X.(*ast.Ident)
	return ok && room.Name == "pattern"
}
