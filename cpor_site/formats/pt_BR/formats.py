DATE_FORMAT = r"j \d\e b. \d\e Y"
DATETIME_FORMAT = r"j \d\e b. \d\e Y, H:i"
SHORT_DATE_FORMAT = "d/m/Y"
MONTH_FORMAT = r"b. \d\e Y"
DEADLINE_FORMAT = r"D., j \d\e b. \d\e Y"
SHORT_DEADLINE_FORMAT = r"D., j \d\e b."
IS_DAY_IN_LOWER_CASE = True
