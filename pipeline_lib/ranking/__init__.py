"""Which bundles will sell: measures, a forecast proven on orders not seen, and the choice by it."""
