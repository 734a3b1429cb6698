# SPDX-License-Identifier: Apache-2.0
"""`astrolabe privacy`: every accountant side by side, the noise that a budget takes, and what is refused."""

import math
import re

from program import EndToEnd, unittest

MNIST = ("--rows", "60000", "--batch", "256", "--epochs", "60", "--delta", "1e-5")
BOUNDS = ("rdp", "pld", "pld_rounded_up", "prv")


class Privacy(EndToEnd):
    def account(self, *options):
        return self.run_json("privacy", *options)

    def test_shows_every_accountant_side_by_side(self):
        result = self.account(*MNIST, "--sigma", "1.1")
        epsilon = result["epsilon"]
        self.assertEqual(result["steps"], 14063)
        self.assertAlmostEqual(result["sampling_rate"], 256 / 60000)
        self.assertAlmostEqual(epsilon["gdp_estimate"], 2.324315, places=6)
        self.assertAlmostEqual(epsilon["gdp_uniform_estimate"], 3.086770, places=6)
        self.assertLess(epsilon["gdp_estimate"], result["bounds"]["prv"]["low"])
        self.assertLess(result["bounds"]["prv"]["low"], epsilon["pld"])
        self.assertLess(epsilon["pld"], epsilon["prv"])
        self.assertLess(epsilon["prv"], epsilon["rdp"])
        self.assertLess(epsilon["pld"], epsilon["pld_rounded_up"])
        self.assertLess(result["bounds"]["pld_low"], epsilon["pld"])

    def test_the_guarantee_is_a_bound_and_never_the_estimate(self):
        result = self.account(*MNIST, "--sigma", "1.1")
        self.assertGreaterEqual(result["guarantee"]["epsilon"], result["bounds"]["prv"]["low"])
        self.assertGreaterEqual(result["guarantee"]["epsilon"], result["epsilon"]["pld"])
        self.assertLess(result["guarantee"]["epsilon"] - result["epsilon"]["pld"], 1e-4)
        self.assertGreater(result["guarantee"]["epsilon"], result["epsilon"]["gdp_estimate"])
        text = self.run_program("privacy", *MNIST, "--sigma", "1.1").out
        self.assertIn("ESTIMATE", text)
        self.assertIn("guaranteed: (epsilon 2.38", text)

    def test_published_figures(self):
        result = self.account("--rows", "60000", "--batch", "150", "--sigma", "1.3", "--epochs", "15")
        self.assertAlmostEqual(result["epsilon"]["rdp"], 0.7242234026109595, places=10)
        self.assertEqual(result["bounds"]["rdp_order"], 19)
        extreme = self.account("--rows", "100000000", "--batch", "1024", "--sigma", "0.1", "--epochs", "10", "--delta",
                               "1e-7", "--orders", "classic")
        self.assertAlmostEqual(extreme["epsilon"]["rdp"] / 5907982.3113984, 1, places=12)
        three = self.account("--rows", "5", "--batch", "1", "--sigma", "0.5", "--steps", "3", "--at-epsilon", "1")
        self.assertAlmostEqual(three["delta_at_epsilon"]["pld"], 0.15594, delta=1e-5)

    def test_finds_the_noise_that_keeps_a_budget(self):
        result = self.account(*MNIST, "--target-epsilon", "3")
        self.assertLessEqual(result["guarantee"]["epsilon"], 3)
        self.assertGreater(result["guarantee"]["epsilon"], 3 - 1e-4)
        self.assertEqual(result["noise"]["guarantee"], result["sigma"])
        self.assertLess(result["noise"]["gdp_estimate"], result["sigma"])
        self.assertLess(result["sigma"], result["noise"]["rdp"])
        again = self.account(*MNIST, "--sigma", repr(result["sigma"]))
        self.assertEqual(again["guarantee"], result["guarantee"])
        self.assertIn("keeps epsilon 3", self.run_program("privacy", *MNIST, "--target-epsilon", "3").out)

    def test_delta_at_an_epsilon_and_back(self):
        result = self.account(*MNIST, "--sigma", "1.1", "--at-epsilon", "2")
        delta = result["delta_at_epsilon"]["pld"]
        back = self.account(*MNIST[:-1], repr(delta), "--sigma", "1.1")
        self.assertAlmostEqual(back["epsilon"]["pld"], 2, places=6)

    def test_more_that_is_released_costs_more(self):
        alone = self.account(*MNIST, "--sigma", "1.1")
        both = self.account(*MNIST, "--sigma", "1.1", "--also", "laplace(20)", "--also", "gaussian(8)")
        self.assertGreater(both["guarantee"]["epsilon"], alone["guarantee"]["epsilon"])
        self.assertLess(both["guarantee"]["epsilon"], both["epsilon"]["rdp"])
        self.assertIsNone(both["epsilon"]["gdp_estimate"])
        self.assertEqual(both["also"], ["laplace(20)", "gaussian(8)"])

    def test_replace_one_is_another_promise(self):
        result = self.account(*MNIST, "--sigma", "1.1", "--neighbours", "replace-one")
        self.assertEqual(result["neighbours"], "replace-one")
        self.assertIsNone(result["epsilon"]["rdp"])
        self.assertGreater(result["guarantee"]["epsilon"], self.account(*MNIST, "--sigma", "1.1")["guarantee"]["epsilon"])

    def test_all_rows_every_time_is_exact(self):
        result = self.account("--rows", "1000", "--batch", "1000", "--sigma", "0.7", "--steps", "2")
        self.assertAlmostEqual(result["epsilon"]["pld"], 10.1224946, places=6)
        self.assertAlmostEqual(result["epsilon"]["gdp_estimate"], result["guarantee"]["epsilon"], places=7)

    def test_draws_the_curves(self):
        self.run_program("privacy", *MNIST, "--sigma", "1.1", "--curve", "curve.svg", "--quiet")
        svg = (self.folder / "curve.svg").read_text()
        self.assertTrue(svg.startswith("<svg xmlns="))
        self.assertIn("prefers-color-scheme:dark", svg)
        for name in ("pld", "rdp", "gdp_estimate"):
            self.assertIn(name, svg)
        self.assertNotIn("nan", svg)
        self.assertGreaterEqual(len(re.findall(r"<path d=\"M[^\"]{200,}\"", svg)), 4)

    def test_says_where_a_promise_is_worth_little(self):
        result = self.account("--rows", "1000", "--batch", "100", "--sigma", "0.4", "--epochs", "100", "--delta", "0.01")
        self.assertTrue(any("1 / rows" in warning for warning in result["warnings"]))
        self.assertTrue(any("above 20" in warning for warning in result["warnings"]))

    def test_is_without_bound_only_where_it_says_so(self):
        result = self.account("--rows", "1000", "--batch", "500", "--sigma", "0.01", "--epochs", "10")
        for name in BOUNDS:
            value = result["epsilon"][name]
            self.assertTrue(value is None or (math.isfinite(value) and value > 1000), f"{name}: {value}")
        self.assertIsNotNone(result["guarantee"]["epsilon"])

    def refused(self, needle, *options):
        self.assertIn(needle, self.run_program("privacy", *options, code=2).err)

    def test_refuses_what_makes_no_sense(self):
        sized = ("--rows", "1000", "--batch", "100", "--epochs", "5")
        for delta in ("0", "1", "nan", "-1e-5"):
            self.refused("delta above 0 and below 1", *sized, "--sigma", "1", f"--delta={delta}")
        for sigma in ("0", "-1", "nan", "inf"):
            self.refused("noise multiplier (sigma) above 0", *sized, f"--sigma={sigma}")
        self.refused("a batch of 1 to 1000 rows", "--rows", "1000", "--batch", "1001", "--epochs", "5", "--sigma", "1")
        self.refused("a batch of 1 to 1000 rows", "--rows", "1000", "--batch", "0", "--epochs", "5", "--sigma", "1")
        self.refused("at least one row", "--rows", "0", "--batch", "1", "--epochs", "5", "--sigma", "1")
        self.refused("either --sigma or --target-epsilon", *sized)
        self.refused("either --sigma or --target-epsilon", *sized, "--sigma", "1", "--target-epsilon", "3")
        self.refused("either --epochs or --steps", "--rows", "10", "--batch", "1", "--sigma", "1")
        self.refused("passes over the rows", *sized[:-1], "nan", "--sigma", "1")
        for epsilon in ("0", "-1", "nan"):
            self.refused("an epsilon above 0", *sized, f"--target-epsilon={epsilon}")
        self.refused("too small for any step", *sized, "--target-epsilon", "1e-9", "--delta", "1e-13")
        self.refused("at least one step", "--rows", "10", "--batch", "1", "--sigma", "1", "--steps", "0")
        self.refused("gaussian(NOISE) or laplace(NOISE)", *sized, "--sigma", "1", "--also", "uniform(3)")
        self.refused("add-remove or replace-one", *sized, "--sigma", "1", "--neighbours", "both")
        self.refused("--orders fine or classic", *sized, "--sigma", "1", "--orders", "some")


if __name__ == "__main__":
    unittest.main()
