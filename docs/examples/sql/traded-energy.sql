-- Energy that was traded among neighbours, a day and zone, with the mean clearing price in ticks per Wh.
select
  time / 86400 as day,
  cast(args ->> 'zone' as bigint) as zone,
  count(*) as slots,
  sum(cast(args ->> 'matchedWh' as bigint)) as traded_wh,
  cast(round(
    sum(1.0 * cast(args ->> 'matchedWh' as bigint) * cast(args ->> 'clearingPrice' as bigint))
      / sum(cast(args ->> 'matchedWh' as bigint))
  ) as bigint) as mean_price
from events
where contract = 'EnergyExchange' and name = 'SlotCleared' and cast(args ->> 'matchedWh' as bigint) > 0
group by 1, 2
order by 1, 2
