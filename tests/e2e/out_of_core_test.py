# SPDX-License-Identifier: Apache-2.0
"""Trees and kernel machines on a table that does not fit under --memory: all rows are fitted, the cap is kept, and the run says so."""

import os
import random

import program
from program import EndToEnd, unittest

ROWS = 400_000


class OutOfCore(EndToEnd):
    def write_table(self):
        self.once("table", self.draw_table)

    def draw_table(self):
        draw = random.Random(7)
        with open(self.folder / "t.csv", "w", encoding="utf-8") as file:
            file.write("a,b,c,d,e,f,g,h,i,j,k,l,city,y\n")
            for _ in range(ROWS):
                a, b, *rest = (draw.gauss(0, 1) for _ in range(12))
                y = "yes" if a * b + 0.5 * a + draw.gauss(0, 0.5) > 0 else "no"
                cells = ",".join(f"{x:.4f}" for x in (a, b, *rest))
                file.write(f"{cells},{draw.choice(('Oslo', 'Bern', 'Rome'))},{y}\n")

    def peak_of(self, *arguments):
        """The program's own peak in MB; it must end well."""
        child = os.posix_spawn(program.PROGRAM, [program.PROGRAM, *arguments], {**os.environ, "NO_COLOR": "1"},
                               file_actions=[(os.POSIX_SPAWN_OPEN, 1, str(self.folder / "said"), os.O_CREAT | os.O_WRONLY,
                                              0o600)])
        _, status, usage = os.wait4(child, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0, (self.folder / "said").read_text())
        return usage.ru_maxrss / 1024

    def test_fits_all_rows_under_the_cap(self):
        self.write_table()
        table, folder = str(self.folder / "t.csv"), str(self.folder / "r")
        peak = self.peak_of("run", table, "--target", "y", "--learner", "trees(rounds=20)", "--trials", "1", "--memory",
                            "240M", "--out", folder, "--json", "--quiet")
        self.assertLess(peak, 240)
        result = program.json.loads((self.folder / "said").read_text())
        said = " ".join([*result["notes"], *result["warnings"]])
        self.assertIn("--memory: the table does not fit", said)
        self.assertIn("the model is fitted on", said)
        self.assertIn("out of memory", str(result))
        self.run_program("predict", folder + "/model.astro", table, "--out", "p.csv")

    def test_fits_a_kernel_machine_on_all_rows_under_the_cap(self):
        self.write_table()
        table, folder = str(self.folder / "t.csv"), str(self.folder / "r")
        peak = self.peak_of("run", table, "--target", "a", "--learner", "kernel(components=50,bandwidth=1)", "--trials", "1",
                            "--memory", "240M", "--out", folder, "--json", "--quiet")
        self.assertLess(peak, 240)
        result = program.json.loads((self.folder / "said").read_text())
        self.assertIn("the model is fitted on", " ".join([*result["notes"], *result["warnings"]]))
        self.assertIn("out of memory", str(result))


if __name__ == "__main__":
    unittest.main()
