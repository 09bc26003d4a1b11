package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sohoa/dossier"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// loginsFile keeps the first passwords for the owner of the data directory
// alone, until they have logged in and made others.
const loginsFile = "first-logins.json"

// A FirstLogin is one of the five logins of a first start.
type FirstLogin struct {
	Role            dossier.Role
	Login, Password string
}

var firstPeople = []struct {
	role        dossier.Role
	login, name string
	demo        string // name in the demonstration
}{
	{dossier.Counter, "motcua", "Cán bộ một cửa", "Trần Thị Phượng"},
	{dossier.Officer, "canboky", "Cán bộ ký số", "Nguyễn Vĩnh Nghĩa"},
	{dossier.Clerk, "vanthu", "Văn thư", "Lê Quỳnh Khuê"},
	{dossier.Auditor, "kiemtra", "Kiểm tra", "Đỗ Hữu Trĩ"},
	{dossier.Admin, "quantri", "Quản trị", "Ma Thế Vỹ"},
}

// OwnAgency is where the first people of an empty house belong, until the
// administrator gives it its name: somebody must be able to receive something.
var OwnAgency = dossier.Agency{Code: "A00", Name: "Cơ quan (chưa đặt tên)", Tier: dossier.Commune}

// FirstLogins makes the first five people if there is nobody, and returns those
// logins whose password is still the first one, as long as the file that keeps
// them is there: it goes with the last of them. The people of a demonstration keep
// their passwords. The file comes first: broken off in between, the next start
// makes the same people.
func FirstLogins(ctx context.Context, db *sqldb.DB, data string, at dossier.AgencyCode, demo bool) ([]FirstLogin, error) {
	path := filepath.Join(data, loginsFile)
	logins, err := readLogins(path)
	if err != nil {
		return nil, err
	}
	if logins == nil {
		people, err := db.People(ctx)
		if err != nil || len(people) > 0 {
			return nil, err
		}
		for _, p := range firstPeople {
			logins = append(logins, FirstLogin{p.role, p.login, web.NewPassword()})
		}
		if err := writeLogins(path, logins); err != nil {
			return nil, err
		}
	}
	var open []FirstLogin
	for i, p := range firstPeople {
		was, _, err := db.PersonByLogin(ctx, p.login)
		if err == nil {
			if was.First || was.Demo {
				open = append(open, logins[i])
			}
			continue
		} else if !errors.Is(err, dossier.ErrNotFound) {
			return nil, err
		}
		person := dossier.Person{ID: dossier.PersonID("p-" + p.login), Login: p.login, Name: p.name, Role: p.role, Agency: at, First: !demo, Demo: demo}
		if demo {
			person.Name = p.demo
		}
		if err := db.PutPerson(ctx, person, web.HashPassword(logins[i].Password)); err != nil {
			return nil, fmt.Errorf("first login %s: %w", p.login, err)
		}
		open = append(open, logins[i])
	}
	if len(open) == 0 {
		return nil, os.Remove(path)
	}
	return open, nil
}

func readLogins(path string) ([]FirstLogin, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var logins []FirstLogin
	if err := json.Unmarshal(b, &logins); err != nil || len(logins) != len(firstPeople) {
		return nil, fmt.Errorf("%s is not what a first start writes; remove it if nobody needs the passwords in it (%v)", path, err)
	}
	return logins, nil
}

func writeLogins(path string, logins []FirstLogin) error {
	b, err := json.MarshalIndent(logins, "", "  ")
	if err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
